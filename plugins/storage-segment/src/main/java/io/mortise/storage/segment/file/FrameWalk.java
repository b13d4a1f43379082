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
    private ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
    private long windowStart;

    FrameWalk(StorageFile file, long salt, long end) {
        this.file = file;
        this.salt = salt;
        this.end = end;
    }

    /** The frame that begins here, at index 0 of the result, which is valid until the next call. */
    @Nullable ByteBuffer at(long position) throws IOException {
        ByteBuffer header = header(position);
        if (header == null || Frame.length(header) > GREATEST_FRAME) {
            return null;
        }
        ByteBuffer frame = bytes(position, Frame.SIZE + Frame.length(header));
        return frame != null && Frame.passes(frame, salt, position, crc, scratch) ? frame : null;
    }

    /** The header that lies here, if it passes. */
    @Nullable ByteBuffer header(long position) throws IOException {
        long greatest = end - position - Frame.SIZE;
        ByteBuffer header = greatest < 0 ? null : bytes(position, Frame.SIZE);
        return header != null
                        && Frame.headerPasses(header, 0, greatest, salt, position, crc, scratch)
                ? header
                : null;
    }

    /** Where the next frame begins, from {@code position} on; -1 if there is none. */
    long next(long position) throws IOException {
        ByteBuffer searched = ByteBuffer.allocate(WINDOW);
        for (long from = position; from + Frame.SIZE <= end; from += WINDOW - Frame.SIZE + 1) {
            searched.clear().limit((int) Math.min(WINDOW, end - from));
            var ignored = file.read(searched, from);
            searched.flip();
            for (int i = 0; i + Frame.SIZE <= searched.limit(); i++) {
                long greatest = end - from - i - Frame.SIZE;
                if (Frame.headerPasses(searched, i, greatest, salt, from + i, crc, scratch)
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

    /**
     * So many bytes from there on, of a window that moves forward; null if the file ends before.
     */
    private @Nullable ByteBuffer bytes(long position, int length) throws IOException {
        if (position < windowStart || position + length > windowStart + window.limit()) {
            load(position, length);
        }
        int at = (int) (position - windowStart);
        return at + length <= window.limit() ? window.slice(at, length) : null;
    }

    private void load(long position, int length) throws IOException {
        boolean inside = position >= windowStart && position < windowStart + window.limit();
        window.position(inside ? (int) (position - windowStart) : window.limit());
        window = length > window.capacity() ? larger(length) : window.compact();
        window.limit(
                (int) Math.min(window.capacity(), Math.max(window.position(), end - position)));
        windowStart = position;
        var ignored = file.read(window, position + window.position());
        window.flip();
    }

    private ByteBuffer larger(int length) {
        return ByteBuffer.allocate(length).put(window);
    }
}
