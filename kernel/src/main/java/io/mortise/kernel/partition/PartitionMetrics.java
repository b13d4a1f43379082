// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Reason;
import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.Metrics.Counter;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What all partitions count together. */
final class PartitionMetrics implements AutoCloseable {
    final Counter appends;
    final Counter appendedBytes;
    final Counter duplicates;
    final Counter failedRounds;
    final Counter reopenings;

    /**
     * Bytes of acknowledged batches that an engine did not find again; anything but 0 is a loss.
     */
    final Counter lostOffsets;

    final Counter overtakenHolds;
    final Counter trimmedOffsets;

    /** Partitions that went on with another engine. */
    final Counter generations;

    final Counter compactions;
    final Counter compactedBytes;

    private final Map<Reason, Counter> refusals = new EnumMap<>(Reason.class);
    private final Registration ringBytes;
    private final Registration unwrittenBytes;

    PartitionMetrics(Metrics metrics, RingMemory memory) {
        appends =
                metrics.counter("mortise_partition_appends_total", "Appends that got their place");
        appendedBytes =
                metrics.counter(
                        "mortise_partition_appended_bytes_total", "Bytes of batches appended");
        duplicates =
                metrics.counter(
                        "mortise_partition_duplicates_total",
                        "Batches that an idempotent producer had sent before");
        failedRounds =
                metrics.counter(
                        "mortise_partition_failed_rounds_total",
                        "Rounds whose write or force failed");
        reopenings =
                metrics.counter(
                        "mortise_partition_reopenings_total", "Logs opened again after a failure");
        lostOffsets =
                metrics.counter(
                        "mortise_partition_lost_offsets_total",
                        "Acknowledged offsets that an engine did not find again after a failure");
        overtakenHolds =
                metrics.counter(
                        "mortise_partition_overtaken_holds_total",
                        "Readers with a position whose records were let go before they came");
        trimmedOffsets =
                metrics.counter(
                        "mortise_partition_trimmed_offsets_total",
                        "Offsets that an engine let go to make room, sooner than retention asks");
        generations =
                metrics.counter(
                        "mortise_partition_generations_total",
                        "Partitions that went on with another storage engine");
        compactions =
                metrics.counter(
                        "mortise_partition_compactions_total", "Compactions of a log that ended");
        compactedBytes =
                metrics.counter(
                        "mortise_partition_compacted_bytes_total",
                        "Bytes of batches that compaction removed");
        for (Reason reason : Reason.values()) {
            refusals.put(
                    reason,
                    metrics.counter(
                            "mortise_partition_refusals_total",
                            "Appends refused",
                            "reason",
                            reason.name().toLowerCase(Locale.ROOT)));
        }
        ringBytes =
                metrics.gauge(
                        "mortise_partition_ring_bytes",
                        "Memory that holds the newest batches",
                        memory::usedBytes);
        unwrittenBytes =
                metrics.gauge(
                        "mortise_partition_unwritten_bytes",
                        "Sequenced batches that no engine has yet",
                        memory::unwrittenBytes);
    }

    void refused(Reason reason) {
        Counter counter = refusals.get(reason);
        if (counter != null) {
            counter.add(1);
        }
    }

    @Override
    public void close() {
        ringBytes.close();
        unwrittenBytes.close();
    }
}
