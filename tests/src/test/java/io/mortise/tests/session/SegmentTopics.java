// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.session;

import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.partition.EngineWriter;
import io.mortise.kernel.partition.LeadershipListener;
import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.partition.PartitionOptions;
import io.mortise.kernel.partition.TopicLogs;
import io.mortise.kernel.session.SessionStorage;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;
import io.mortise.storage.segment.SegmentStorageProvider;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Random;

/**
 * The kernel's topics and partitions on the segment engine, all on the scheduler's one thread, over
 * files that forget at a crash what was not forced.
 */
final class SegmentTopics implements SessionStorage {
    private static final long ROUND_NANOS = 300_000;
    private static final Map<String, String> SMALL =
            Map.of(
                    "commitFileBytes", "200000",
                    "commitLogBytes", "500000",
                    "ownRoundBytes", "60000",
                    "ownFileBytes", "40000",
                    "stagingBytes", "400000",
                    "checkpointSeconds", "30");

    private final FakeClock clock;
    private final FakeScheduler scheduler;
    private final long seed;
    private final Random random;
    private final VolatileFileLayer metadataFiles;
    private final VolatileFileLayer partitionFiles;
    private final VolatileFileLayer engineFiles;
    private @Nullable BrokerTopics topics;
    private @Nullable EngineWriter writer;
    private int failures;

    SegmentTopics(FakeClock clock, FakeScheduler scheduler, long seed) {
        this.clock = clock;
        this.scheduler = scheduler;
        this.seed = seed;
        this.random = new Random(seed);
        this.metadataFiles = new VolatileFileLayer(seed);
        this.partitionFiles = new VolatileFileLayer(seed + 1);
        this.engineFiles = new VolatileFileLayer(seed + 2);
        engineFiles.faults(this::before);
        open();
    }

    private void open() {
        try {
            Metadata metadata =
                    Metadata.open(
                            new LocalMetadataLog(metadataFiles, "metadata", 1 << 20),
                            scheduler,
                            random);
            TopicLogs logs = new TopicLogs(this::host);
            logs.logs()
                    .register(
                            new SegmentStorageProvider(),
                            TestStorageContext.over(engineFiles, SMALL, clock, scheduler, seed));
            topics = new BrokerTopics(metadata, policy(), logs, logs, 0, random);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        scheduler.repeat(this::round, ROUND_NANOS);
        scheduler.advanceNanos(50_000_000);
    }

    private LogHost host(LeadershipListener leadership) {
        return new LogHost(
                PartitionOptions.defaults(),
                clock,
                scheduler,
                partitionFiles,
                new TestMetrics(),
                made -> writer = made,
                leadership);
    }

    private static TopicPolicy policy() {
        return new TopicPolicy(2, Map.of(), true, 100);
    }

    private void round() {
        EngineWriter here = writer;
        if (here != null) {
            here.runOnce();
        }
    }

    @Override
    public Topics topics() {
        BrokerTopics here = topics;
        if (here == null) {
            throw new IllegalStateException("not open");
        }
        return here;
    }

    @Override
    public void addTopic(String name, int partitions) {
        topics().create(new TopicSpec(TenantId.DEFAULT, name, partitions, Map.of(), false));
    }

    @Override
    public void disturb(Random random) {
        scheduler.advanceNanos(random.nextInt(1_000_000));
    }

    @Override
    public void failSoon(Random random) {
        failures = 1 + random.nextInt(2);
    }

    private void before(Operation operation, String path) throws IOException {
        if (failures > 0 && (operation == Operation.WRITE || operation == Operation.FORCE)) {
            failures--;
            throw new IOException("made to fail: " + operation + " of " + path);
        }
    }

    @Override
    public void heal() {
        failures = 0;
    }

    @Override
    public void crash() {
        heal();
        metadataFiles.crash();
        partitionFiles.crash();
        engineFiles.crash();
        open();
    }
}
