// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendCallback;
import io.mortise.spi.broker.Partition.Origin;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;

import org.jspecify.annotations.Nullable;

/** Appends to partitions, appender i to partition i modulo their number. */
final class PartitionAppenders extends Appenders {
    private final CountingFiles files;
    private final ByteBuf batch;
    private final Appender[] appenders;

    PartitionAppenders(
            EventLoop loop, int count, CountingFiles files, Partition[] partitions, ByteBuf batch) {
        super(loop, count);
        this.files = files;
        this.batch = batch;
        this.appenders = new Appender[count];
        for (int i = 0; i < count; i++) {
            appenders[i] = new Appender(i, partitions[i % partitions.length]);
        }
    }

    @Override
    void append(int appender) {
        appenders[appender].append();
    }

    @Override
    long forces() {
        return files.forces.sum();
    }

    private final class Appender implements AppendCallback {
        private final int number;
        private final Partition partition;
        private long begunNanos;

        Appender(int number, Partition partition) {
            this.number = number;
            this.partition = partition;
        }

        void append() {
            begunNanos = System.nanoTime();
            tryAppend();
        }

        private void tryAppend() {
            Refusal refusal =
                    partition
                            .append(batch, -1, Origin.BROKER, AckLevel.DURABLE, loop, this)
                            .refusal();
            if (refusal != null && refusal.reason() == Reason.BUSY) {
                partition.onCapacity(loop, this::tryAppend);
            } else if (refusal != null) {
                throw refusal.asException();
            }
        }

        @Override
        public void completed(@Nullable Refusal refusal) {
            if (refusal != null) {
                throw refusal.asException();
            }
            PartitionAppenders.this.completed(number, begunNanos);
        }
    }
}
