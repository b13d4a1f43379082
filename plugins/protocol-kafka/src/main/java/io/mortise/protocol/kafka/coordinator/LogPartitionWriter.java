// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.Registration;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** What the coordinator writes goes to {@link CoordinatorLog}. */
final class LogPartitionWriter implements PartitionWriter {
    private static final int NOT_LEADING = -1;

    private final CoordinatorLog log;
    private final AtomicIntegerArray tenures;
    private final LogConfig config;

    /**
     * By identity: comparing records would leave the type in a cache of the JDK that outlives this
     * plugin.
     */
    private final Map<Listener, Registration> listeners = new ConcurrentHashMap<>();

    LogPartitionWriter(CoordinatorLog log) {
        this.log = log;
        this.tenures = new AtomicIntegerArray(log.partitions());
        for (int i = 0; i < tenures.length(); i++) {
            resign(i);
        }
        this.config =
                new LogConfig(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, log.maxBatchBytes()));
    }

    /** Lets the coordinator write under that epoch, and under no later one. */
    void lead(int partition, int leaderEpoch) {
        tenures.set(partition, leaderEpoch);
    }

    /** Lets it write no more, whatever it has under way. */
    void resign(int partition) {
        tenures.set(partition, NOT_LEADING);
    }

    @Override
    public void registerListener(TopicPartition tp, Listener listener) {
        Registration registration =
                log.onHighWatermark(
                        tp.partition(), offset -> listener.onHighWatermarkUpdated(tp, offset));
        Registration earlier = listeners.put(listener, registration);
        if (earlier != null) {
            earlier.close();
        }
    }

    @Override
    public void deregisterListener(TopicPartition tp, Listener listener) {
        Registration registration = listeners.remove(listener);
        if (registration != null) {
            registration.close();
        }
    }

    @Override
    public LogConfig config(TopicPartition tp) {
        return config;
    }

    @Override
    public long append(
            TopicPartition tp,
            VerificationGuard verificationGuard,
            MemoryRecords records,
            short transactionVersion) {
        int tenure = tenures.get(tp.partition());
        if (tenure == NOT_LEADING) {
            throw Errors.NOT_LEADER_OR_FOLLOWER.exception();
        }
        return log.append(tp.partition(), tenure, records.buffer().duplicate());
    }

    @Override
    public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
            TopicPartition tp,
            String transactionalId,
            long producerId,
            short producerEpoch,
            int apiVersion) {
        return CompletableFuture.failedFuture(
                new UnsupportedVersionException("transactions are not supported"));
    }

    @Override
    public CompletableFuture<Void> deleteRecords(TopicPartition tp, long deleteBeforeOffset) {
        return CompletableFuture.failedFuture(
                new UnsupportedVersionException("only share groups delete coordinator records"));
    }
}
