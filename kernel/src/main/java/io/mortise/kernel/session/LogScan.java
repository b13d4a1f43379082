// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.kernel.record.Decompressor;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.runtime.Scheduler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Reads a partition from an offset to the end that it has when the scan begins, for recovery.
 * Batches of the broker's own are shown, or those of clients. What is damaged is passed over and
 * said. Runs on the scheduler's threads, one step after the other.
 */
final class LogScan {
    private static final int STEP_BYTES = 256 * 1024;
    private static final int MOST_DECOMPRESSED = 64 << 20;

    private final Partition partition;
    private final Scheduler scheduler;
    private final Visitor visitor;
    private final Lost lost;
    private final Consumer<@Nullable Refusal> done;
    private final RecordCursor cursor = new RecordCursor();
    private final long end;
    private final Visibility seen;
    private long next;

    /** Sees the records in order. */
    interface Visitor {
        /**
         * @param key null for none
         * @param value null for none; borrowed
         * @param record for its headers; borrowed
         */
        void record(
                @Nullable String key, @Nullable ByteBuf value, RecordCursor record, long offset);
    }

    /** Hears of offsets that are damaged, between the records on both sides. */
    @FunctionalInterface
    interface Lost {
        /**
         * @param to one past the last
         */
        void range(long from, long to);
    }

    /**
     * @param done told once at the end, with what went wrong or null
     */
    LogScan(
            Partition partition,
            Scheduler scheduler,
            long from,
            Visitor visitor,
            Lost lost,
            Consumer<@Nullable Refusal> done) {
        this.partition = partition;
        this.scheduler = scheduler;
        this.visitor = visitor;
        this.lost = lost;
        this.done = done;
        this.next = Math.max(from, partition.logStartOffset());
        this.end = partition.logEndOffset();
        this.seen = Visibility.SEQUENCED;
    }

    private LogScan(
            Partition partition,
            Scheduler scheduler,
            long from,
            Visitor visitor,
            Consumer<@Nullable Refusal> done) {
        this.partition = partition;
        this.scheduler = scheduler;
        this.visitor = visitor;
        this.lost = (first, last) -> {};
        this.done = done;
        this.next = Math.max(from, partition.logStartOffset());
        this.end = partition.highWatermark();
        this.seen = Visibility.COMMITTED;
    }

    /** Of the batches of clients only, and of what is durable. What is damaged is passed over. */
    static LogScan ofClients(
            Partition partition,
            Scheduler scheduler,
            long from,
            Visitor visitor,
            Consumer<@Nullable Refusal> done) {
        return new LogScan(partition, scheduler, from, visitor, done);
    }

    void start() {
        scheduler.execute(this::step);
    }

    private void step() {
        if (next >= end) {
            done.accept(null);
            return;
        }
        partition.read(next, STEP_BYTES, seen, scheduler::execute, this::completed);
    }

    private void completed(@Nullable FetchedBatches batches, @Nullable Refusal refusal) {
        if (batches == null) {
            refused(refusal);
            return;
        }
        long from = next;
        try (batches) {
            next = batches.nextOffset();
            for (FetchedBatches.Part part : batches.parts()) {
                show(part, from);
            }
        } catch (IOException e) {
            done.accept(
                    new Refusal(Reason.STORAGE_FAILED, "reading " + partition.logId() + ": " + e));
            return;
        }
        if (next <= from) {
            done.accept(null);
        } else {
            scheduler.execute(this::step);
        }
    }

    private void refused(@Nullable Refusal refusal) {
        boolean damaged = refusal != null && refusal.reason() == Reason.CORRUPT;
        long behind = damaged ? partition.readableAfter(next) : -1;
        if (behind <= next) {
            done.accept(refusal);
            return;
        }
        lost.range(next, behind);
        next = behind;
        scheduler.execute(this::step);
    }

    private void show(FetchedBatches.Part part, long from) throws IOException {
        switch (part) {
            case FetchedBatches.Memory memory -> show(memory.bytes(), from);
            case FetchedBatches.Region region -> {
                ByteBuffer target = ByteBuffer.allocate(region.length());
                while (target.hasRemaining()) {
                    long position = region.position() + target.position();
                    if (region.file().read(target, position) < 0) {
                        throw new IOException(region.file().path() + " ends early");
                    }
                }
                show(io.netty.buffer.Unpooled.wrappedBuffer(target.array()), from);
            }
        }
    }

    private void show(ByteBuf bytes, long from) {
        int index = bytes.readerIndex();
        boolean ofClients = seen == Visibility.COMMITTED;
        while (index < bytes.writerIndex()) {
            boolean wanted =
                    BatchFormat.brokerBuilt(bytes, index) != ofClients
                            && !BatchFormat.control(bytes, index);
            if (wanted && BatchFormat.compression(bytes, index) == 0) {
                cursor.reset(bytes, index);
                show(from);
            } else if (wanted && ofClients) {
                showCompressed(bytes, index, from);
            }
            index += BatchFormat.sizeBytes(bytes, index);
        }
    }

    private void showCompressed(ByteBuf bytes, int index, long from) {
        ByteBuf records =
                new Decompressor(UnpooledByteBufAllocator.DEFAULT, MOST_DECOMPRESSED)
                        .decompress(bytes, index);
        if (records == null) {
            return; // nobody can read it
        }
        try {
            cursor.reset(bytes, index, records, records.readerIndex(), records.writerIndex());
            show(from);
        } finally {
            records.release();
        }
    }

    private void show(long from) {
        while (cursor.next()) {
            if (cursor.offset() >= from) {
                show(cursor.buffer());
            }
        }
    }

    private void show(ByteBuf bytes) {
        String key =
                cursor.keyLength() < 0
                        ? null
                        : bytes.toString(cursor.keyIndex(), cursor.keyLength(), UTF_8);
        ByteBuf value =
                cursor.valueLength() < 0
                        ? null
                        : bytes.slice(cursor.valueIndex(), cursor.valueLength());
        visitor.record(key, value, cursor, cursor.offset());
    }
}
