// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.plugin.Metrics;

/** What the engine counts. */
record EngineMetrics(
        Metrics.Counter appendedBytes, Metrics.Counter forces, Metrics.Counter corrupt) {
    static EngineMetrics of(Metrics metrics) {
        return new EngineMetrics(
                metrics.counter(
                        "mortise_storage_rocksdb_appended_bytes_total",
                        "Bytes of batches appended"),
                metrics.counter(
                        "mortise_storage_rocksdb_forces_total", "Forces that rounds asked for"),
                metrics.counter(
                        "mortise_storage_rocksdb_corrupt_total",
                        "Reads refused because bytes fail their check"));
    }
}
