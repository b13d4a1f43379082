// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * One file of the commit log: a header, then frames back to back, then zeros or what a former life
 * of the file left, which fails the frames' salted CRCs. It is made, or made of one that is no
 * longer needed, before it is; its first frame begins it and says where the file before it ends.
 */
public final class CommitFile implements FrameFile {
    /** Where the first frame lies, which begins the file. */
    public static final long FIRST_FRAME = FileType.HEADER;

    /** The directory of all of them. */
    public static final String DIRECTORY = "commit";

    private static final String SUFFIX = ".commit";
    private static final int NUMBER = FileType.FIELDS;
    private static final int SALT = FileType.FIELDS + 8;
    private static final int END_ENTRY = 16;

    private final long number;
    private final long salt;
    private final SharedFile shared;
    private boolean begun;
    private final Map<Long, Long> earlierEnds = new HashMap<>();

    /** Frames that some log still reads from this file. */
    public final AtomicInteger liveFrames = new AtomicInteger();

    /** Whether a write or force of it failed: nobody knows what is on the disk. */
    public boolean failed;

    /** Where it ends, once it no longer grows. */
    public long end;

    private CommitFile(long number, long salt, SharedFile shared) {
        this.number = number;
        this.salt = salt;
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
    public static CommitFile create(FileLayer files, long number, long salt, long allocated)
            throws IOException {
        files.delete(path(number)); // of an attempt that failed
        StorageFile file = files.open(path(number), OpenMode.CREATE_NEW);
        try {
            prepare(file, number, salt, allocated);
            files.forceDirectory(DIRECTORY);
        } catch (IOException failure) {
            file.close();
            throw failure;
        }
        return new CommitFile(number, salt, new SharedFile(file));
    }

    /**
     * Makes a new file of this one, which nobody needs or reads any more: no checkpoint names it,
     * and its header is another's before its name is. Durable when this returns; this one is closed
     * then, or if that fails.
     */
    public CommitFile recycle(FileLayer files, long newNumber, long newSalt, long allocated)
            throws IOException {
        try {
            prepare(shared.file(), newNumber, newSalt, allocated);
            files.rename(path(number), path(newNumber));
            files.forceDirectory(DIRECTORY);
            StorageFile file = files.open(path(newNumber), OpenMode.WRITE);
            return new CommitFile(newNumber, newSalt, new SharedFile(file));
        } finally {
            shared.release();
        }
    }

    private static void prepare(StorageFile file, long number, long salt, long allocated)
            throws IOException {
        ByteBuffer header = FileType.COMMIT.header();
        header.putLong(NUMBER, number).putLong(SALT, salt);
        file.write(FileType.finished(header), 0);
        file.allocate(allocated);
        file.force();
    }

    /** Opens a file that is there. */
    public static CommitFile open(FileLayer files, long number) throws IOException {
        StorageFile file = files.open(path(number), OpenMode.WRITE);
        ByteBuffer header = FileType.COMMIT.read(file);
        if (header.getLong(NUMBER) != number) {
            throw new CorruptLogException(
                    "file '"
                            + file.path()
                            + "' says at position 8 that it is commit file "
                            + header.getLong(NUMBER));
        }
        var opened = new CommitFile(number, header.getLong(SALT), new SharedFile(file));
        opened.readBegin();
        return opened;
    }

    /**
     * A file whose first frame was lost after it was durable was begun all the same: later frames
     * say so.
     */
    private void readBegin() throws IOException {
        var frames = new FrameWalk(shared.file(), salt, shared.file().size());
        ByteBuffer first = frames.at(FIRST_FRAME);
        if (first != null && Frame.type(first) == Frame.BEGIN) {
            begun = true;
            int limit = Frame.SIZE + Frame.length(first);
            for (int at = Frame.SIZE; at + END_ENTRY <= limit; at += END_ENTRY) {
                earlierEnds.put(first.getLong(at), first.getLong(at + 8));
            }
        } else {
            long next = frames.next(FIRST_FRAME + 1);
            begun = next >= 0 && frames.provesDurable(next, FIRST_FRAME);
        }
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

    /** Whether anything was ever written to it. */
    public boolean begun() {
        return begun;
    }

    /** Where files before this one end, by number: nothing after that is valid. */
    public Map<Long, Long> earlierEnds() {
        return earlierEnds;
    }

    /**
     * The first frame of this file, ready to be written at {@link #FIRST_FRAME}.
     *
     * @param earlier all files before it that are still there
     */
    public ByteBuffer begin(Collection<CommitFile> earlier, CRC32C crc, ByteBuffer scratch) {
        ByteBuffer frame = ByteBuffer.allocate(Frame.SIZE + earlier.size() * END_ENTRY);
        frame.position(Frame.SIZE);
        for (CommitFile file : earlier) {
            frame.putLong(file.number).putLong(file.end);
        }
        Frame.describe(frame, frame.capacity() - Frame.SIZE, Frame.BEGIN, 0, 0, 0, 0);
        Frame.finish(frame.clear(), salt, FIRST_FRAME, FIRST_FRAME, crc, scratch);
        return frame;
    }

    @Override
    public SharedFile shared() {
        return shared;
    }

    @Override
    public long order() {
        return number;
    }

    @Override
    public void hold(int bytes) {
        liveFrames.incrementAndGet();
    }

    @Override
    public void letGo(int bytes) {
        liveFrames.decrementAndGet();
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
