// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.record.BatchHeader;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Checks of batches in heap buffers. */
final class Batches {
    private Batches() {}

    /** Whether a whole batch lies here that begins at {@code offset} and ends by {@code end}. */
    static boolean sane(ByteBuffer bytes, int at, long offset, long end) {
        int left = bytes.limit() - at;
        return left >= BatchHeader.SIZE
                && BatchHeader.sizeInBytes(bytes, at) >= BatchHeader.SIZE
                && BatchHeader.sizeInBytes(bytes, at) <= left
                && BatchHeader.magic(bytes, at) == 2
                && BatchHeader.baseOffset(bytes, at) == offset
                && BatchHeader.lastOffset(bytes, at) >= offset
                && BatchHeader.lastOffset(bytes, at) < end;
    }

    /** Whether the sane batch here passes its CRC. */
    static boolean passes(ByteBuffer bytes, int at, CRC32C crc) {
        crc.reset();
        int size = BatchHeader.sizeInBytes(bytes, at) - BatchHeader.ATTRIBUTES;
        crc.update(bytes.slice(at + BatchHeader.ATTRIBUTES, size));
        return (int) crc.getValue() == BatchHeader.crc(bytes, at);
    }

    /** Where the next good batch begins with a base offset between the two; -1 if there is none. */
    static int find(ByteBuffer bytes, int from, long above, long below, CRC32C crc) {
        for (int at = from; bytes.limit() - at >= BatchHeader.SIZE; at++) {
            long base = BatchHeader.baseOffset(bytes, at);
            if (base > above
                    && base < below
                    && sane(bytes, at, base, below)
                    && passes(bytes, at, crc)) {
                return at;
            }
        }
        return -1;
    }

    /**
     * Whether good batches from {@code base} to {@code end} fill the buffer from {@code from} on.
     */
    static boolean good(ByteBuffer bytes, int from, long base, long end, CRC32C crc) {
        long next = base;
        int at = from;
        while (sane(bytes, at, next, end) && passes(bytes, at, crc)) {
            next = BatchHeader.lastOffset(bytes, at) + 1;
            at += BatchHeader.sizeInBytes(bytes, at);
        }
        return at == bytes.limit() && next == end;
    }
}
