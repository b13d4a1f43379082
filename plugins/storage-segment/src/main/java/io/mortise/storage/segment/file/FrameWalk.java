// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Finds frames in a file of frames. One thread. */
final class FrameWalk {
    private static final int GREATEST_FRAME = 64 << 20;
    private static final int WINDOW = 128 << 10;

    private final StorageFile file;
    private final long salt;
    private final long end;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer scratch = ByteBuffer.allocate(16);
    private ByteBuffer buffer = ByteBuffer.allocate(WINDOW);

    FrameWalk(StorageFile file, long salt, long end) {
        this.file = file;
        this.salt = salt;
        this.end = end;
    }

    /** The frame that begins here, at index 0 of the result, which is valid until the next call. */
    @Nullable ByteBuffer at(long position) throws IOException {
        if (position + Frame.SIZE > end || !read(position, Frame.SIZE + 4096)) {
            return null;
        }
        long greatest = Math.min(GREATEST_FRAME, end - position - Frame.SIZE);
        if (!Frame.headerPasses(buffer, 0, greatest, salt, position, crc, scratch)) {
            return null;
        }
        int size = Frame.SIZE + Frame.length(buffer);
        if (buffer.limit() < size && !read(position, size)) {
            return null;
        }
        return buffer.limit() >= size && Frame.passes(buffer, salt, position, crc, scratch)
                ? buffer
                : null;
    }

    /** The header that lies here, if it passes. */
    @Nullable ByteBuffer header(long position) throws IOException {
        return read(position, Frame.SIZE)
                        && Frame.headerPasses(
                                buffer, 0, end - position, salt, position, crc, scratch)
                ? buffer
                : null;
    }

    /** Where the next frame begins, from {@code position} on; -1 if there is none. */
    long next(long position) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW);
        for (long from = position; from + Frame.SIZE <= end; from += WINDOW - Frame.SIZE + 1) {
            window.clear().limit((int) Math.min(WINDOW, end - from));
            var ignored = file.read(window, from);
            window.flip();
            for (int i = 0; i + Frame.SIZE <= window.limit(); i++) {
                long greatest = end - from - i - Frame.SIZE;
                if (Frame.headerPasses(window, i, greatest, salt, from + i, crc, scratch)
                        && at(from + i) != null) {
                    return from + i;
                }
            }
        }
        return -1;
    }

    /**
     * Whether a frame from {@code position} on was written when the file was durable past {@code
     * at}.
     */
    boolean provesDurable(long position, long at) throws IOException {
        long next = position;
        while (next >= 0) {
            ByteBuffer frame = at(next);
            if (frame == null) {
                next = next(next + 1);
            } else if (Frame.durable(frame) > at) {
                return true;
            } else {
                next += Frame.SIZE + Frame.length(frame);
            }
        }
        return false;
    }

    private boolean read(long position, int length) throws IOException {
        if (length > buffer.capacity()) {
            buffer = ByteBuffer.allocate(length);
        }
        buffer.clear().limit((int) Math.max(0, Math.min(length, end - position)));
        var ignored = file.read(buffer, position);
        buffer.flip();
        return buffer.limit() >= Frame.SIZE;
    }
}
