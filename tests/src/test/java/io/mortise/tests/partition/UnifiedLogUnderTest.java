// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.TransactionCoordinatorFencedException;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.common.RequestLocal;
import org.apache.kafka.server.common.TransactionVersion;
import org.apache.kafka.server.util.Scheduler;
import org.apache.kafka.storage.internals.log.AbortedTxn;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogAppendInfo;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.log.VerificationGuard;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Apache Kafka's own log, on a real disk, with its cleaner. */
final class UnifiedLogUnderTest implements AutoCloseable {
    private static final int DAY_MILLIS = 86_400_000;
    private static final int IO_BYTES = 1 << 20;

    private final UnifiedLog log;

    UnifiedLogUnderTest(Path directory, long deleteRetentionMillis) throws IOException {
        var config =
                new LogConfig(
                        Map.of(
                                "cleanup.policy",
                                "compact",
                                "message.timestamp.after.max.ms",
                                Long.toString(Long.MAX_VALUE),
                                "delete.retention.ms",
                                Long.toString(deleteRetentionMillis)));
        log =
                UnifiedLog.create(
                        directory.resolve("t-0").toFile(),
                        config,
                        0,
                        0,
                        new NoScheduler(),
                        new BrokerTopicStats(),
                        Time.SYSTEM,
                        DAY_MILLIS,
                        new ProducerStateManagerConfig(DAY_MILLIS, false),
                        DAY_MILLIS,
                        new LogDirFailureChannel(1),
                        true,
                        Optional.of(Uuid.randomUuid()));
    }

    /** Where a batch went, or the name of the reason why it went nowhere. */
    String append(ByteBuffer batch) throws IOException {
        return placed(
                () ->
                        log.appendAsLeader(
                                MemoryRecords.readableRecords(batch),
                                0,
                                AppendOrigin.CLIENT,
                                RequestLocal.noCaching(),
                                VerificationGuard.SENTINEL,
                                TransactionVersion.TV_UNKNOWN));
    }

    String end(long producer, short epoch, EndTransactionMarker marker, int version, long millis)
            throws IOException {
        MemoryRecords records =
                MemoryRecords.withEndTransactionMarker(millis, producer, epoch, marker);
        return placed(
                () ->
                        log.appendAsLeader(
                                records,
                                0,
                                AppendOrigin.COORDINATOR,
                                RequestLocal.noCaching(),
                                VerificationGuard.SENTINEL,
                                (short) version));
    }

    private String placed(Supplier<LogAppendInfo> append) throws IOException {
        long before = log.logEndOffset();
        try {
            LogAppendInfo info = append.get();
            String where = info.firstOffset() + "-" + info.lastOffset();
            boolean duplicate = log.logEndOffset() == before;
            log.updateHighWatermark(log.logEndOffset());
            return duplicate ? "duplicate of " + where : where;
        } catch (OutOfOrderSequenceException e) {
            return "OUT_OF_ORDER_SEQUENCE";
        } catch (InvalidProducerEpochException e) {
            return "FENCED_PRODUCER";
        } catch (InvalidTxnStateException e) {
            return "INVALID_TRANSACTION";
        } catch (TransactionCoordinatorFencedException e) {
            return "FENCED_COORDINATOR";
        }
    }

    long end() {
        return log.logEndOffset();
    }

    long lastStable() {
        return log.lastStableOffset();
    }

    /** As its fetches find them; the cleaner's own look-up does not mind the start. */
    List<AbortedTxn> aborted(long from, long to) {
        return log.collectAbortedTransactions(from, to).stream()
                .filter(it -> it.lastOffset() >= from)
                .toList();
    }

    long offsetFor(long timestamp) {
        return log.fetchOffsetByTimestamp(timestamp, Optional.empty())
                .timestampAndOffsetOpt()
                .map(it -> it.offset)
                .orElse(-1L);
    }

    /** Compacts everything, as if it were {@code nowMillis}. */
    void compact(long dirtyFrom, long nowMillis) throws IOException, GeneralSecurityException {
        log.roll();
        var cleaner =
                new Cleaner(
                        0,
                        new SkimpyOffsetMap(1 << 20),
                        IO_BYTES,
                        IO_BYTES,
                        0.9,
                        new Throttler(1e12, 1_000, "", "", Time.SYSTEM),
                        Time.SYSTEM,
                        _ -> {});
        cleaner.doClean(new LogToClean(log, dirtyFrom, log.logEndOffset(), true), nowMillis);
    }

    List<RecordBatch> batches() {
        List<RecordBatch> all = new ArrayList<>();
        for (LogSegment segment : log.logSegments()) {
            segment.log().batches().forEach(all::add);
        }
        return all;
    }

    @Override
    public void close() {
        log.close();
    }

    /** Nothing happens by itself. */
    private static final class NoScheduler implements Scheduler {
        @Override
        public void startup() {}

        @Override
        public void shutdown() {}

        @Override
        public ScheduledFuture<?> schedule(
                String name, Runnable task, long delayMs, long periodMs) {
            return new Never();
        }

        @Override
        public void resizeThreadPool(int newSize) {}
    }

    private static final class Never extends CompletableFuture<Void>
            implements ScheduledFuture<Void> {
        @Override
        public long getDelay(TimeUnit unit) {
            return Long.MAX_VALUE;
        }

        @Override
        public int compareTo(java.util.concurrent.Delayed other) {
            return 0;
        }
    }
}
