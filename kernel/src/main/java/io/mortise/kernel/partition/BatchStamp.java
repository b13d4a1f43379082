// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.record.BatchHeader;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Writes into batches what the log decides. Guarded by the partition's lock. */
final class BatchStamp {
    private final CRC32C crc = new CRC32C();

    /**
     * Numbers the batches between {@code from} and {@code to}; base offset and epoch lie outside of
     * the checksum.
     *
     * @param timeMillis the time of append, or -1 if records keep their own
     * @return one past the last offset
     */
    long stamp(
            RingChunk chunk, int from, int to, long baseOffset, int leaderEpoch, long timeMillis) {
        ByteBuffer view = chunk.view;
        long next = baseOffset;
        for (int at = from; at < to; ) {
            int size = BatchHeader.sizeInBytes(view, at);
            view.putLong(at + BatchHeader.BASE_OFFSET, next);
            view.putInt(at + BatchHeader.LEADER_EPOCH, leaderEpoch);
            if (timeMillis >= 0) {
                stampTime(view, at, size, timeMillis);
            }
            chunk.index(at, next);
            next = BatchHeader.lastOffset(view, at) + 1;
            at += size;
        }
        return next;
    }

    private void stampTime(ByteBuffer view, int at, int size, long timeMillis) {
        int attributes = BatchHeader.attributes(view, at) | BatchHeader.LOG_APPEND_TIME;
        view.putShort(at + BatchHeader.ATTRIBUTES, (short) attributes);
        view.putLong(at + BatchHeader.MAX_TIMESTAMP, timeMillis);
        crc.reset();
        crc.update(view.slice(at + BatchHeader.ATTRIBUTES, size - BatchHeader.ATTRIBUTES));
        view.putInt(at + BatchHeader.CRC, (int) crc.getValue());
    }
}
