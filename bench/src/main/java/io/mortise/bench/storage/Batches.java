// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** Batches to append, built once. */
final class Batches {
    private static final long TIMESTAMP = 1_700_000_000_000L;

    private Batches() {}

    /** One batch of records with values of that size, null keys and no headers. */
    static ByteBuf of(int records, int valueBytes) {
        byte[] value = new byte[valueBytes];
        new SplittableRandom(7).nextBytes(value);
        ByteBuf out = Unpooled.directBuffer(records * (valueBytes + 32) + BatchHeader.SIZE);
        var builder = new BatchBuilder();
        builder.begin(out);
        for (int i = 0; i < records; i++) {
            builder.append(
                    TIMESTAMP, null, Unpooled.wrappedBuffer(value), Unpooled.EMPTY_BUFFER, 0);
        }
        builder.finish();
        return out;
    }

    /** The same bytes for an engine, at their place in a log. */
    static void stamp(ByteBuffer batch, long baseOffset) {
        batch.putLong(BatchHeader.BASE_OFFSET, baseOffset);
        batch.putInt(BatchHeader.LEADER_EPOCH, 0);
    }
}
