// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import org.jspecify.annotations.Nullable;

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
    private @Nullable OwnFiles own;

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

    /** Has the engine write files of its own in a real directory, until {@link #dispose}. */
    public EngineHarness withOwnFiles() {
        own = new OwnFiles();
        return this;
    }

    /** Frees what the last engine holds where it has files of its own. */
    public void dispose() {
        OwnFiles real = own;
        if (real != null) {
            real.delete();
            own = null;
        }
        kill();
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
        OwnFiles real = own;
        FileLayer layer = real == null ? files : real.names(files);
        var context =
                TestStorageContext.over(around.apply(layer), settings, clock, scheduler, seed);
        metrics = context.metrics();
        if (real == null) {
            return provider.open(context);
        }
        StorageEngine engine = provider.open(context.in(real.directory()));
        real.usedBy(engine);
        return engine;
    }

    /**
     * The power fails; the engine that was open is to be forgotten. Files of its own are as after
     * {@link #kill}.
     */
    public void crash() {
        scheduler.clear();
        files.crash();
        killOwn();
    }

    /** As {@link #crash()}, with a say in what the power loss leaves. */
    public void crash(Survival survival) {
        scheduler.clear();
        files.crash(survival);
        killOwn();
    }

    /** The process dies, the machine does not. */
    public void kill() {
        scheduler.clear();
        files.killProcess();
        killOwn();
    }

    private void killOwn() {
        OwnFiles real = own;
        if (real != null) {
            real.kill();
        }
    }
}
