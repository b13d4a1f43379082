// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;

/** A segment engine on volatile files, which can lose power and come back. */
final class EngineBench {
    private final Map<String, String> settings =
            new HashMap<>(
                    Map.of(
                            "commitFileBytes", "67108864",
                            "commitLogBytes", "134217728",
                            "ownRoundBytes", "65536",
                            "ownFileBytes", "1048576",
                            "stagingBytes", "8388608",
                            "checkpointSeconds", "30"));
    private final long seed;
    private final VolatileFileLayer files;
    private final FakeClock clock = new FakeClock();
    private FakeScheduler scheduler = new FakeScheduler(clock);
    private TestMetrics metrics = new TestMetrics();

    /** A crash keeps nothing that was not forced. */
    EngineBench(long seed) {
        this(seed, new VolatileFileLayer());
    }

    EngineBench(long seed, VolatileFileLayer files) {
        this.seed = seed;
        this.files = files;
    }

    /** Makes files, rounds and buffers small, so that few batches meet every limit. */
    EngineBench small() {
        settings.put("commitFileBytes", "20000");
        settings.put("commitLogBytes", "50000");
        settings.put("ownRoundBytes", "6000");
        settings.put("ownFileBytes", "4000");
        settings.put("stagingBytes", "40000");
        return this;
    }

    EngineBench set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    VolatileFileLayer files() {
        return files;
    }

    FakeScheduler scheduler() {
        return scheduler;
    }

    TestMetrics metrics() {
        return metrics;
    }

    StorageEngine open() throws IOException {
        return open(files);
    }

    /** Opens over a layer of the test's own around {@link #files}. */
    StorageEngine open(FileLayer layer) throws IOException {
        scheduler = new FakeScheduler(clock);
        metrics = new TestMetrics();
        var context = TestStorageContext.over(layer, settings, clock, scheduler, seed);
        metrics = context.metrics();
        return ServiceLoader.load(StorageEngineProvider.class)
                .findFirst()
                .orElseThrow()
                .open(context);
    }

    /** Power fails; the engine that was open is to be forgotten. */
    void crash() {
        scheduler.clear();
        files.crash();
    }

    /** The process dies, the machine does not. */
    void kill() {
        scheduler.clear();
        files.killProcess();
    }
}
