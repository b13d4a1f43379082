// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import java.io.IOException;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A storage engine on volatile files and fake time, which can lose power and come back. One thread.
 */
public final class EngineHarness {
    private final StorageEngineProvider provider;
    private final Map<String, String> settings;
    private final long seed;
    private final VolatileFileLayer files;
    private final FakeClock clock = new FakeClock();
    private UnaryOperator<FileLayer> around = UnaryOperator.identity();
    private FakeScheduler scheduler = new FakeScheduler(clock);
    private TestMetrics metrics = new TestMetrics();

    /**
     * An engine not opened yet.
     *
     * @param settings all settings of the plugin
     */
    public EngineHarness(
            StorageEngineProvider provider,
            Map<String, String> settings,
            long seed,
            VolatileFileLayer files) {
        this.provider = provider;
        this.settings = Map.copyOf(settings);
        this.seed = seed;
        this.files = files;
    }

    /** Has the engine see the files through a layer of the test's own. */
    public EngineHarness through(UnaryOperator<FileLayer> layer) {
        around = layer;
        return this;
    }

    /** What the engine stands on. */
    public VolatileFileLayer files() {
        return files;
    }

    /** The engine's time. */
    public FakeClock clock() {
        return clock;
    }

    /** What the engine has asked to be run aside. */
    public FakeScheduler scheduler() {
        return scheduler;
    }

    /** What the engine counted since it was opened. */
    public TestMetrics metrics() {
        return metrics;
    }

    /** Opens the engine over what the files hold. */
    public StorageEngine open() throws IOException {
        scheduler = new FakeScheduler(clock);
        var context =
                TestStorageContext.over(around.apply(files), settings, clock, scheduler, seed);
        metrics = context.metrics();
        return provider.open(context);
    }

    /** The power fails; the engine that was open is to be forgotten. */
    public void crash() {
        scheduler.clear();
        files.crash();
    }

    /** As {@link #crash()}, with a say in what the power loss leaves. */
    public void crash(Survival survival) {
        scheduler.clear();
        files.crash(survival);
    }

    /** The process dies, the machine does not. */
    public void kill() {
        scheduler.clear();
        files.killProcess();
    }
}
