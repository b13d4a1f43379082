// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** One file of the commit log: a header, then frames back to back, then zeros. */
public final class CommitFile {
    /** The directory of all of them. */
    public static final String DIRECTORY = "commit";

    private static final String SUFFIX = ".commit";
    private static final int NUMBER = FileType.FIELDS;
    private static final int SALT = FileType.FIELDS + 8;
    private static final int PREVIOUS_END = FileType.FIELDS + 16;

    private final long number;
    private final long salt;
    private final long previousEnd;
    private final SharedFile shared;

    /** Frames that some log still reads from this file. */
    public final AtomicInteger liveFrames = new AtomicInteger();

    private CommitFile(long number, long salt, long previousEnd, SharedFile shared) {
        this.number = number;
        this.salt = salt;
        this.previousEnd = previousEnd;
        this.shared = shared;
    }

    /** Is told of every frame, in order. */
    public interface Visitor {
        /**
         * One frame that passed its CRC.
         *
         * @param frame header at index 0, payload after it; borrowed
         * @param position of the payload in the file
         */
        void frame(CommitFile file, ByteBuffer frame, long position) throws IOException;

        /**
         * Bytes that were durable and are no valid frames any more.
         *
         * @param header of the frame that was there, if that at least passes its CRC
         */
        void lost(CommitFile file, long from, long to, @Nullable ByteBuffer header)
                throws IOException;
    }

    /** Makes a file with {@code allocated} bytes; durable when this returns. */
    public static CommitFile create(
            FileLayer files, long number, long salt, long previousEnd, long allocated)
            throws IOException {
        files.delete(path(number)); // of an attempt that failed
        StorageFile file = files.open(path(number), OpenMode.CREATE_NEW);
        ByteBuffer header = FileType.COMMIT.header();
        header.putLong(NUMBER, number).putLong(SALT, salt).putLong(PREVIOUS_END, previousEnd);
        file.write(FileType.finished(header), 0);
        file.allocate(allocated);
        file.force();
        files.forceDirectory(DIRECTORY);
        return new CommitFile(number, salt, previousEnd, new SharedFile(file));
    }

    /** Opens a file that is there. */
    public static CommitFile open(FileLayer files, long number) throws IOException {
        StorageFile file = files.open(path(number), OpenMode.WRITE);
        ByteBuffer header = FileType.COMMIT.read(file);
        return new CommitFile(
                number, header.getLong(SALT), header.getLong(PREVIOUS_END), new SharedFile(file));
    }

    /** The number in a file's name, -1 if it is no commit file. */
    public static long numberOf(String name) {
        if (!name.endsWith(SUFFIX)) {
            return -1;
        }
        return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    }

    /** The path of a file by its number. */
    public static String path(long number) {
        String digits = Long.toString(number);
        return DIRECTORY + "/" + "0".repeat(Math.max(0, 10 - digits.length())) + digits + SUFFIX;
    }

    /** Files are numbered in the order in which they were made. */
    public long number() {
        return number;
    }

    /** What its frames' CRCs begin with. */
    public long salt() {
        return salt;
    }

    /** Where the file before this one ends: nothing after that is valid. -1 if there was none. */
    public long previousEnd() {
        return previousEnd;
    }

    /** The open file. */
    public SharedFile shared() {
        return shared;
    }

    /**
     * Visits all frames. What fails its CRC and was durable once is passed over, to the next frame
     * that passes; the rest is a torn tail.
     *
     * @param durable the file was durable at least up to here
     * @param end no frame lies past this
     * @return where the valid frames end
     */
    public long scan(long durable, long end, Visitor visitor) throws IOException {
        var frames = new FrameWalk(shared.file(), salt, end);
        long at = FileType.HEADER;
        while (true) {
            ByteBuffer frame = frames.at(at);
            if (frame != null) {
                visitor.frame(this, frame, at + Frame.SIZE);
                at += Frame.SIZE + Frame.length(frame);
                continue;
            }
            long next = frames.next(at + 1);
            boolean damaged = at < durable || (next >= 0 && frames.provesDurable(next, at));
            if (!damaged) {
                return at;
            }
            long to = next >= 0 ? next : durable;
            visitor.lost(this, at, to, frames.header(at));
            at = to;
        }
    }
}
