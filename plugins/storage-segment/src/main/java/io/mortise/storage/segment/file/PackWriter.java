// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Makes one pack: frames are gathered and written in runs, forced once. One thread. */
public final class PackWriter {
    private static final int RUN = 1 << 20;

    private final FileLayer files;
    private final long number;
    private final long salt;
    private final StorageFile file;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer scratch = ByteBuffer.allocate(16);
    private ByteBuffer run = ByteBuffer.allocate(64 << 10);
    private long written;
    private int frames;

    /** Begins a file of this number, which was never durable. */
    public PackWriter(FileLayer files, long number, long salt) throws IOException {
        this.files = files;
        this.number = number;
        this.salt = salt;
        files.delete(PackFile.path(number)); // of an attempt that failed
        file = files.open(PackFile.path(number), OpenMode.CREATE_NEW);
        ByteBuffer header = FileType.PACK.header();
        header.putLong(PackFile.NUMBER, number).putLong(PackFile.SALT, salt);
        run.put(FileType.finished(header));
    }

    /** Bytes so far. */
    public long size() {
        return written + run.position();
    }

    /**
     * Adds a frame; returns where its payload lies.
     *
     * @param payload borrowed; all that remains
     */
    public long add(long log, int epoch, long base, long end, ByteBuffer payload)
            throws IOException {
        int size = Frame.SIZE + payload.remaining();
        require(size);
        long position = size();
        int at = run.position();
        ByteBuffer frame = run.slice(at, size);
        frame.put(Frame.SIZE, payload, payload.position(), payload.remaining());
        Frame.describe(frame, payload.remaining(), Frame.DATA, epoch, log, base, end);
        Frame.finish(frame, salt, position, 0, crc, scratch);
        run.position(at + size);
        frames++;
        return position + Frame.SIZE;
    }

    private void require(int size) throws IOException {
        if (run.position() > 0 && run.position() + size > RUN) {
            write();
        }
        if (run.remaining() < size) {
            int capacity = Math.max(Math.min(RUN, run.capacity() * 4), run.position() + size);
            run = ByteBuffer.allocate(capacity).put(run.flip());
        }
    }

    private void write() throws IOException {
        int length = run.flip().remaining();
        file.write(run, written);
        written += length;
        run.clear();
    }

    /** Ends the file, which is durable when this returns. */
    public PackFile seal() throws IOException {
        ByteBuffer trailer = PackFile.trailer(size(), frames, salt);
        require(trailer.capacity());
        run.put(trailer.clear());
        write();
        file.force();
        files.forceDirectory(PackFile.DIRECTORY);
        return new PackFile(number, written, new SharedFile(file));
    }

    /** Nothing of it is needed: something failed. */
    public void abandon() {
        try {
            file.close();
            files.delete(PackFile.path(number));
        } catch (IOException ignored) {
            // no checkpoint names it, so the next start deletes it
        }
    }
}
