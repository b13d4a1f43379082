// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.plugin.PluginConfig;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.storage.StorageContext;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * What a storage engine under test is given.
 *
 * @param settings the engine's whole configuration: nothing fills in defaults here
 */
public record TestStorageContext(
        FileLayer files,
        Map<String, String> settings,
        Clock clock,
        Scheduler scheduler,
        RandomGenerator random,
        TestMetrics metrics,
        Optional<Path> directory)
        implements StorageContext {

    /** Files that lie in no directory of the machine. */
    public TestStorageContext(
            FileLayer files,
            Map<String, String> settings,
            Clock clock,
            Scheduler scheduler,
            RandomGenerator random,
            TestMetrics metrics) {
        this(files, settings, clock, scheduler, random, metrics, Optional.empty());
    }

    /** The same, with a directory of the machine for who writes files by itself. */
    public TestStorageContext in(Path where) {
        return new TestStorageContext(
                files, settings, clock, scheduler, random, metrics, Optional.of(where));
    }

    /** Fake time and the given files. */
    public static TestStorageContext over(
            FileLayer files,
            Map<String, String> settings,
            FakeClock clock,
            FakeScheduler scheduler,
            long seed) {
        return new TestStorageContext(
                files, Map.copyOf(settings), clock, scheduler, new Random(seed), new TestMetrics());
    }

    @Override
    public String pluginId() {
        return "engine-under-test";
    }

    @Override
    public PluginConfig config() {
        return new PluginConfig(settings);
    }
}
