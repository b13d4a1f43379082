// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.record.BatchHeader;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** Checks of record batches. */
final class Batches {
    private Batches() {}

    /** Refuses an append that does not go on where the log ends. */
    static void checkAppend(String log, long logEnd, long base, long end, ByteBuffer batches) {
        long next = logEnd;
        int at = batches.position();
        if (base == next) {
            while (whole(batches, at) && BatchHeader.baseOffset(batches, at) == next) {
                next = BatchHeader.lastOffset(batches, at) + 1;
                at += BatchHeader.sizeInBytes(batches, at);
            }
        }
        if (base != logEnd || at != batches.limit() || next != end) {
            throw new IllegalArgumentException(
                    "log "
                            + log
                            + " ends at "
                            + logEnd
                            + "; the append says "
                            + base
                            + " to "
                            + end
                            + " and holds whole batches in order up to "
                            + next);
        }
    }

    /** Refuses batches that are not whole, not in order or not within the range. */
    static void checkReplacement(String log, long from, long to, List<ByteBuffer> batches) {
        long next = from;
        for (ByteBuffer run : batches) {
            int at = run.position();
            while (whole(run, at)
                    && BatchHeader.baseOffset(run, at) >= next
                    && BatchHeader.lastOffset(run, at) < to) {
                next = BatchHeader.lastOffset(run, at) + 1;
                at += BatchHeader.sizeInBytes(run, at);
            }
            if (at != run.limit()) {
                throw new IllegalArgumentException(
                        "log "
                                + log
                                + ": what is to replace "
                                + from
                                + " to "
                                + to
                                + " holds whole batches of that range in order up to "
                                + next);
            }
        }
    }

    private static boolean whole(ByteBuffer bytes, int at) {
        return bytes.limit() - at >= BatchHeader.SIZE
                && BatchHeader.magic(bytes, at) == 2
                && BatchHeader.sizeInBytes(bytes, at) >= BatchHeader.SIZE
                && BatchHeader.sizeInBytes(bytes, at) <= bytes.limit() - at
                && BatchHeader.lastOffset(bytes, at) >= BatchHeader.baseOffset(bytes, at);
    }

    /** Whether a value is the batch that its key promises, unharmed. */
    static boolean sound(byte[] value, long lastOffset) {
        ByteBuffer batch = ByteBuffer.wrap(value);
        if (!whole(batch, 0)
                || BatchHeader.sizeInBytes(batch, 0) != value.length
                || BatchHeader.lastOffset(batch, 0) != lastOffset) {
            return false;
        }
        var crc = new CRC32C();
        crc.update(value, BatchHeader.ATTRIBUTES, value.length - BatchHeader.ATTRIBUTES);
        return (int) crc.getValue() == BatchHeader.crc(batch, 0);
    }
}
