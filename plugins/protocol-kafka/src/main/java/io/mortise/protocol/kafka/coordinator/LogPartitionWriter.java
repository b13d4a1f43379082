// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.Registration;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** What the coordinator writes goes to {@link CoordinatorLog}. */
final class LogPartitionWriter implements PartitionWriter {
    private final CoordinatorLog log;
    private final LogConfig config;

    /**
     * By identity: comparing records would leave the type in a cache of the JDK that outlives this
     * plugin.
     */
    private final Map<Listener, Registration> listeners = new ConcurrentHashMap<>();

    LogPartitionWriter(CoordinatorLog log) {
        this.log = log;
        this.config =
                new LogConfig(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, log.maxBatchBytes()));
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
        return log.append(tp.partition(), records.buffer().duplicate());
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
