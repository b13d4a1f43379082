// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.record.BatchHeader;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Checks of batches in memory. */
final class Batches {
    private Batches() {}

    /**
     * One past the last offset of the good batches that lie back to back from index {@code from} to
     * the limit of {@code bytes} (a heap buffer), the first having the base {@code offset}.
     */
    static long goodEnd(ByteBuffer bytes, int from, long offset, CRC32C crc) {
        long next = offset;
        for (int at = from;
                bytes.limit() - at >= BatchHeader.SIZE;
                at += BatchHeader.sizeInBytes(bytes, at)) {
            int size = BatchHeader.sizeInBytes(bytes, at);
            if (size < BatchHeader.SIZE
                    || size > bytes.limit() - at
                    || BatchHeader.magic(bytes, at) != 2
                    || BatchHeader.baseOffset(bytes, at) != next
                    || BatchHeader.lastOffset(bytes, at) < next) {
                return next;
            }
            crc.reset();
            crc.update(
                    bytes.array(),
                    bytes.arrayOffset() + at + BatchHeader.ATTRIBUTES,
                    size - BatchHeader.ATTRIBUTES);
            if ((int) crc.getValue() != BatchHeader.crc(bytes, at)) {
                return next;
            }
            next = BatchHeader.lastOffset(bytes, at) + 1;
        }
        return next;
    }
}
