// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.plugin.Metrics;

/** What the engine counts. Bytes written over bytes appended is its write amplification. */
record EngineMetrics(
        Metrics.Counter appendedBytes,
        Metrics.Counter commitBytes,
        Metrics.Counter ownBytes,
        Metrics.Counter copiedBytes,
        Metrics.Counter forces,
        Metrics.Counter corrupt,
        Metrics.Counter damaged) {
    static EngineMetrics of(Metrics metrics) {
        return new EngineMetrics(
                metrics.counter(
                        "mortise_storage_segment_appended_bytes_total",
                        "Bytes of batches appended"),
                metrics.counter(
                        "mortise_storage_segment_commit_bytes_total",
                        "Bytes written to the commit log"),
                metrics.counter(
                        "mortise_storage_segment_own_bytes_total",
                        "Bytes written to logs' own files by rounds"),
                metrics.counter(
                        "mortise_storage_segment_copied_bytes_total",
                        "Bytes copied from the commit log to logs' own files"),
                metrics.counter("mortise_storage_segment_forces_total", "Forces of files"),
                metrics.counter(
                        "mortise_storage_segment_corrupt_total",
                        "Reads refused because bytes fail their CRC"),
                metrics.counter(
                        "mortise_storage_segment_damaged_ranges_total",
                        "Ranges of bytes found to be other than they were written"));
    }
}
