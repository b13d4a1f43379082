// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * The control record that ends a producer's transaction in one partition (KIP-98): its key is
 * version and type, its value version and the coordinator's epoch.
 *
 * @param commit whether what the producer wrote counts
 * @param coordinatorEpoch of the transaction coordinator that decided it
 */
public record TransactionMarker(
        long producerId, short producerEpoch, boolean commit, int coordinatorEpoch) {
    private static final short VERSION = 0;
    private static final short ABORT = 0;
    private static final short COMMIT = 1;
    private static final int KEY_BYTES = 2 * Short.BYTES;
    private static final int VALUE_BYTES = Short.BYTES + Integer.BYTES;

    /** The batch that carries it; a new heap buffer. */
    public ByteBuf batch(long timestampMillis) {
        ByteBuf target = Unpooled.buffer(128);
        var builder = new BatchBuilder();
        builder.begin(target, BatchFormat.TRANSACTIONAL | BatchFormat.CONTROL);
        byte[] key = ByteBuffer.allocate(KEY_BYTES).putShort(VERSION).putShort(type()).array();
        ByteBuf value = Unpooled.buffer(VALUE_BYTES).writeShort(VERSION).writeInt(coordinatorEpoch);
        builder.append(timestampMillis, key, 0, key.length, value, Unpooled.EMPTY_BUFFER, 0);
        int size = builder.finish();
        target.setLong(BatchFormat.PRODUCER_ID, producerId);
        target.setShort(BatchFormat.PRODUCER_EPOCH, producerEpoch);
        target.setInt(BatchFormat.CRC, BatchFormat.computeCrc(target, 0, size));
        return target;
    }

    private short type() {
        return commit ? COMMIT : ABORT;
    }

    /**
     * Reads the control batch at {@code index}.
     *
     * @return null if it holds no marker of a transaction: none any more, or of another kind
     */
    public static @Nullable TransactionMarker read(ByteBuf batch, int index) {
        var cursor = new RecordCursor();
        cursor.reset(batch, index);
        if (BatchFormat.compression(batch, index) != 0
                || !cursor.next()
                || cursor.keyLength() < KEY_BYTES
                || cursor.valueLength() < VALUE_BYTES) {
            return null;
        }
        short type = batch.getShort(cursor.keyIndex() + Short.BYTES);
        if (type != ABORT && type != COMMIT) {
            return null;
        }
        return new TransactionMarker(
                batch.getLong(index + BatchFormat.PRODUCER_ID),
                batch.getShort(index + BatchFormat.PRODUCER_EPOCH),
                type == COMMIT,
                batch.getInt(cursor.valueIndex() + Short.BYTES));
    }
}
