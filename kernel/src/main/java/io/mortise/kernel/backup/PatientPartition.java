// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Remedy;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Reads a log and waits where it is away for a moment. One thread; blocks. */
final class PatientPartition {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MOST_PAUSES = 200;

    private final BrokerTopic topic;
    private final int index;
    private final Scheduler scheduler;
    private int pauses;

    /**
     * Batches that were read.
     *
     * @param nextOffset where to read on
     */
    record Read(ByteBuffer bytes, int batches, long nextOffset) {}

    PatientPartition(BrokerTopic topic, int index, Scheduler scheduler) {
        this.topic = topic;
        this.index = index;
        this.scheduler = scheduler;
    }

    BrokerTopic topic() {
        return topic;
    }

    /** The partition, led here. */
    Partition led() {
        Partition partition = topic.partition(index);
        while (partition == null) {
            pause(
                    new Refusal(
                            Reason.STORAGE_UNAVAILABLE,
                            name() + " is not served by this node now, so it cannot be copied"));
            partition = topic.partition(index);
        }
        return partition;
    }

    /**
     * Whole batches below {@code end}, the first being the one that holds {@code offset}; null if
     * the log begins behind that now.
     */
    @Nullable Read read(long offset, long end, int maxBytes) throws IOException {
        while (true) {
            var answer = new CompletableFuture<FetchedBatches>();
            led().read(
                            offset,
                            maxBytes,
                            Visibility.COMMITTED,
                            Runnable::run,
                            (batches, refusal) -> {
                                if (batches == null || refusal != null) {
                                    answer.completeExceptionally(
                                            new RefusedException(
                                                    refusal == null ? unknown() : refusal));
                                } else {
                                    answer.complete(batches);
                                }
                            });
            try (FetchedBatches batches = answer.join()) {
                if (batches.sizeInBytes() > 0) {
                    return below(end, batches);
                }
                pause(new Refusal(Reason.BUSY, name() + ": nothing to read at " + offset));
            } catch (java.util.concurrent.CompletionException failed) {
                if (!(failed.getCause() instanceof RefusedException refused)) {
                    throw failed;
                }
                if (refused.refusal().reason() == Reason.OFFSET_OUT_OF_RANGE) {
                    return null;
                }
                pause(refused.refusal());
            }
        }
    }

    private static Refusal unknown() {
        return new Refusal(Reason.INTERNAL_ERROR, "nothing was read and nobody said why");
    }

    private Read below(long end, FetchedBatches batches) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(batches.sizeInBytes());
        for (FetchedBatches.Part part : batches.parts()) {
            load(part, bytes);
        }
        bytes.flip();
        int at = 0;
        int count = 0;
        while (at < bytes.limit() && BatchHeader.baseOffset(bytes, at) < end) {
            at += BatchHeader.sizeInBytes(bytes, at);
            count++;
        }
        long next = at < bytes.limit() ? end : batches.nextOffset();
        return new Read(bytes.limit(at), count, next);
    }

    private static void load(FetchedBatches.Part part, ByteBuffer out) throws IOException {
        switch (part) {
            case FetchedBatches.Memory memory -> out.put(memory.bytes().nioBuffer());
            case FetchedBatches.Region region -> {
                ByteBuffer target = out.slice(out.position(), region.length());
                while (target.hasRemaining()) {
                    long position = region.position() + target.position();
                    if (region.file().read(target, position) < 0) {
                        throw new IOException(region.file().path() + " ends early");
                    }
                }
                out.position(out.position() + region.length());
            }
        }
    }

    private void pause(Refusal why) {
        boolean passes = why.remedy() == Remedy.RETRY_LATER || why.remedy() == Remedy.GO_ELSEWHERE;
        if (!passes || pauses++ >= MOST_PAUSES) {
            throw new RefusedException(why);
        }
        var over = new CompletableFuture<Boolean>();
        try (var _ = scheduler.schedule(() -> over.complete(true), PAUSE_NANOS)) {
            over.join();
        }
    }

    private String name() {
        return "topic '" + topic.name() + "' partition " + index;
    }
}
