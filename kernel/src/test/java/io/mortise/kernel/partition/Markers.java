// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.partition;

import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendCallback;
import io.mortise.spi.broker.Partition.AppendResult;

/** Control batches for tests of other rooms: the only way to get one into a log. */
public final class Markers {
    private Markers() {}

    /** Ends a transaction that wrote nothing here; told when durable, on a thread of the log's. */
    public static AppendResult commit(
            Partition partition, long producerId, AppendCallback callback) {
        var marker = new TransactionMarker(producerId, (short) 0, true, 0);
        return ((PartitionLog) partition)
                .endTransaction(marker, 0, -1, AckLevel.DURABLE, Runnable::run, callback);
    }
}
