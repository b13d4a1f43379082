// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/** Looks at the headers of what is to be appended. Pure. */
final class AppendCheck {
    private AppendCheck() {}

    /** Null if {@code batches} may be placed as they are. */
    static @Nullable Refusal refusal(ByteBuf batches, Origin origin, int maxBatchBytes) {
        int at = batches.readerIndex();
        int end = batches.writerIndex();
        if (at == end) {
            return new Refusal(Reason.INVALID_REQUEST, "Nothing to append");
        }
        boolean alone = end - at == sizeOrZero(batches, at, end);
        while (at < end) {
            int size = sizeOrZero(batches, at, end);
            Refusal refusal = batch(batches, at, size, origin, maxBatchBytes, alone);
            if (refusal != null) {
                return refusal;
            }
            at += size;
        }
        return null;
    }

    private static int sizeOrZero(ByteBuf batches, int at, int end) {
        if (end - at < BatchHeader.SIZE) {
            return 0;
        }
        long size = (long) batches.getInt(at + BatchHeader.LENGTH) + BatchHeader.OVERHEAD;
        return size < BatchHeader.SIZE || size > end - at ? 0 : (int) size;
    }

    private static @Nullable Refusal batch(
            ByteBuf batches, int at, int size, Origin origin, int maxBatchBytes, boolean alone) {
        if (size == 0 || batches.getByte(at + BatchHeader.MAGIC) != 2) {
            return new Refusal(Reason.CORRUPT, "Not a whole record batch of version 2");
        }
        if (size > maxBatchBytes) {
            return new Refusal(
                    Reason.TOO_LARGE,
                    "Batch of " + size + " bytes; max.message.bytes is " + maxBatchBytes);
        }
        if (batches.getInt(at + BatchHeader.LAST_OFFSET_DELTA) < 0) {
            return new Refusal(Reason.CORRUPT, "Last offset delta is negative");
        }
        int attributes = batches.getShort(at + BatchHeader.ATTRIBUTES);
        if (origin == Origin.CLIENT && (attributes & BatchHeader.BROKER_BUILT) != 0) {
            return new Refusal(Reason.INVALID_REQUEST, "Attribute bit 14 is the broker's");
        }
        if ((attributes & BatchHeader.CONTROL) != 0) {
            return new Refusal(Reason.INVALID_REQUEST, "Control batches are the broker's");
        }
        return producer(batches, at, origin, alone);
    }

    private static @Nullable Refusal producer(
            ByteBuf batches, int at, Origin origin, boolean alone) {
        if (!produced(batches, at)) {
            boolean transactional =
                    (batches.getShort(at + BatchHeader.ATTRIBUTES) & BatchHeader.TRANSACTIONAL)
                            != 0;
            return transactional
                    ? new Refusal(Reason.INVALID_REQUEST, "A transaction needs a producer id")
                    : null;
        }
        if (!alone) {
            return new Refusal(
                    Reason.INVALID_REQUEST, "An idempotent producer appends one batch at a time");
        }
        int sequence = batches.getInt(at + BatchHeader.BASE_SEQUENCE);
        if (batches.getShort(at + BatchHeader.PRODUCER_EPOCH) < 0
                || sequence < (origin == Origin.CLIENT ? 0 : -1)) {
            return new Refusal(
                    Reason.INVALID_REQUEST, "A producer id needs an epoch and a sequence number");
        }
        return null;
    }

    /** Whether a producer with an id made the batch at {@code at}. */
    static boolean produced(ByteBuf batches, int at) {
        return batches.getLong(at + BatchHeader.PRODUCER_ID) >= 0;
    }
}
