// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.ReadCallback;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.runtime.Scheduler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Reads batches into memory without ever blocking the loop that asks. */
final class LogReader {
    private final LoopTurn turn;
    private final Scheduler scheduler;

    LogReader(LoopTurn turn, Scheduler scheduler) {
        this.turn = turn;
        this.scheduler = scheduler;
    }

    /** What memory holds from {@code offset} on, or null. The caller closes it. */
    @Nullable FetchedBatches poll(Partition partition, long offset, int maxBytes, Visibility seen) {
        FetchedBatches batches = partition.readCached(offset, maxBytes, seen);
        if (batches == null || inMemory(batches)) {
            return batches;
        }
        batches.close();
        return null;
    }

    /** Reads from wherever it is; {@code callback} gets parts in memory only, on the loop. */
    void read(
            Partition partition,
            long offset,
            int maxBytes,
            Visibility seen,
            ReadCallback callback) {
        partition.read(
                offset,
                maxBytes,
                seen,
                turn.loop(),
                (batches, refusal) -> {
                    if (batches == null || inMemory(batches)) {
                        callback.completed(batches, refusal);
                    } else {
                        scheduler.execute(() -> load(batches, callback));
                    }
                });
    }

    private static boolean inMemory(FetchedBatches batches) {
        for (FetchedBatches.Part part : batches.parts()) {
            if (part instanceof FetchedBatches.Region) {
                return false;
            }
        }
        return true;
    }

    private void load(FetchedBatches batches, ReadCallback callback) {
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(batches.sizeInBytes());
        try (batches) {
            for (FetchedBatches.Part part : batches.parts()) {
                load(part, bytes);
            }
        } catch (IOException e) {
            bytes.release();
            Refusal refusal = new Refusal(Reason.STORAGE_FAILED, "reading a log: " + e);
            turn.execute(() -> callback.completed(null, refusal));
            return;
        }
        FetchedBatches loaded =
                new LoadedBatches(batches.baseOffset(), batches.nextOffset(), bytes);
        if (!turn.execute(() -> callback.completed(loaded, null))) {
            loaded.close();
        }
    }

    private static void load(FetchedBatches.Part part, ByteBuf out) throws IOException {
        switch (part) {
            case FetchedBatches.Memory memory ->
                    out.writeBytes(
                            memory.bytes(),
                            memory.bytes().readerIndex(),
                            memory.bytes().readableBytes());
            case FetchedBatches.Region region -> {
                ByteBuffer target = out.nioBuffer(out.writerIndex(), region.length());
                long position = region.position();
                while (target.hasRemaining()) {
                    int read = region.file().read(target, position);
                    if (read < 0) {
                        throw new IOException(region.file().path() + " ends early");
                    }
                    position += read;
                }
                out.writerIndex(out.writerIndex() + region.length());
            }
        }
    }

    private record LoadedBatches(long baseOffset, long nextOffset, ByteBuf bytes)
            implements FetchedBatches {
        @Override
        public int sizeInBytes() {
            return bytes.readableBytes();
        }

        @Override
        public List<Part> parts() {
            return List.of(new Memory(bytes));
        }

        @Override
        public void close() {
            bytes.release();
        }
    }
}
