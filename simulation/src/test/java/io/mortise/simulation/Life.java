// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.partition.EngineWriter;
import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.partition.PartitionOptions;
import io.mortise.kernel.partition.TopicLogs;
import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.storage.segment.SegmentStorageProvider;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * One life of the broker's storage, from start to death: metadata, topics, logs, the segment
 * engine. Nothing of it runs but in {@link #runOne}.
 */
final class Life {
    /** So small that few batches meet every limit. */
    private static final Map<String, String> SMALL =
            Map.of(
                    "commitFileBytes", "20000",
                    "commitLogBytes", "50000",
                    "ownRoundBytes", "6000",
                    "ownFileBytes", "4000",
                    "stagingBytes", "20000",
                    "checkpointSeconds", "30");

    private static final PartitionOptions OPTIONS =
            PartitionOptions.defaults()
                    .withRing(96 << 10, 48 << 10)
                    .withSnapshotBytes(3_000)
                    .withIntervals(86_400_000_000L, 10_000_000_000L, 4_000_000_000L);

    private static final long METADATA_SNAPSHOT_BYTES = 2_000;
    private static final int MOST_TURNS = 100_000;

    final SeededScheduler scheduler;
    final TestMetrics metrics = new TestMetrics();
    final BrokerTopics topics;
    final Metadata metadata;
    private final RandomGenerator random;
    private final Loop[] loops;
    private final List<EngineWriter> writers = new ArrayList<>();
    private final List<Mount> mounts = new ArrayList<>();
    private @Nullable LogHost host;
    private boolean over;

    /**
     * Starts on what the disk holds.
     *
     * @throws IOException it does not start; nothing of it is left
     */
    Life(FileLayer disk, FakeClock clock, RandomGenerator random, int loopCount)
            throws IOException {
        this.random = random;
        this.scheduler = new SeededScheduler(clock, random);
        this.loops = new Loop[loopCount];
        for (int i = 0; i < loopCount; i++) {
            loops[i] = new Loop();
        }
        Mount data = mount(disk, "data");
        Mount states = mount(disk, "data/partitions");
        Mount engine = mount(disk, "data/logs");
        var log = new LocalMetadataLog(data, "metadata", METADATA_SNAPSHOT_BYTES);
        metadata = Metadata.open(log, scheduler, random);
        try {
            var logs =
                    new TopicLogs(
                            leadership ->
                                    host =
                                            new LogHost(
                                                    OPTIONS,
                                                    clock,
                                                    scheduler,
                                                    states,
                                                    metrics,
                                                    writers::add,
                                                    leadership));
            logs.logs()
                    .register(
                            new SegmentStorageProvider(),
                            new TestStorageContext(
                                    engine, SMALL, clock, scheduler, random, metrics));
            topics = new BrokerTopics(metadata, TopicPolicy.DEFAULT, logs, logs, 1, random);
        } catch (IOException | RuntimeException e) {
            die();
            throw e;
        }
    }

    private Mount mount(FileLayer disk, String folder) throws IOException {
        var mount = new Mount(disk, folder);
        mounts.add(mount);
        return mount;
    }

    Loop loop(int index) {
        return loops[index % loops.length];
    }

    boolean isOver() {
        return over;
    }

    // Running.

    /** Lets one of those who could run do one turn; false if nobody could. */
    boolean runOne() {
        int tasks = scheduler.ready();
        int choices = Math.min(tasks, 4);
        for (EngineWriter writer : writers) {
            choices += writer.hasWork() ? 2 : 0;
        }
        for (Loop loop : loops) {
            choices += loop.hasWork() ? 1 : 0;
        }
        if (choices == 0) {
            return false;
        }
        run(random.nextInt(choices), Math.min(tasks, 4));
        return true;
    }

    private void run(int drawn, int tasks) {
        int left = drawn - tasks;
        if (left < 0) {
            scheduler.runOne();
            return;
        }
        for (EngineWriter writer : writers) {
            left -= writer.hasWork() ? 2 : 0;
            if (left < 0) {
                writer.runOnce();
                return;
            }
        }
        for (Loop loop : loops) {
            left -= loop.hasWork() ? 1 : 0;
            if (left < 0) {
                loop.runOne();
                return;
            }
        }
    }

    /** Runs until there is nothing to do without time passing. */
    void settle() {
        for (int i = 0; runOne(); i++) {
            if (i == MOST_TURNS) {
                throw new Violation("the broker does not come to rest");
            }
        }
    }

    // Ending.

    /** As an orderly stop of the broker. */
    void stop() throws IOException {
        topics.close();
        closeLogs();
        over = true;
        metadata.close();
        settle();
        gone();
    }

    /** The process is dead; only its memory is given back. The disk is told by others. */
    void die() {
        over = true;
        gone();
        try {
            closeLogs();
            metadata.close();
        } catch (IOException e) {
            throw new Violation("memory alone was closed: " + e);
        }
        settle();
    }

    private void gone() {
        mounts.forEach(Mount::gone);
    }

    private void closeLogs() {
        LogHost logs = host;
        if (logs == null) {
            return;
        }
        List<CompletableFuture<?>> closing = new ArrayList<>();
        for (String engine : logs.engines().keySet()) {
            logs.keptBy(engine).forEach(id -> closing.add(logs.close(id).toCompletableFuture()));
        }
        settle();
        for (CompletableFuture<?> one : closing) {
            if (!one.isDone()) {
                throw new Violation("a partition does not close");
            }
        }
        logs.close();
        settle();
    }

    /** All topics, in an order that depends on the seed alone. */
    List<BrokerTopic> topicsByName() {
        List<BrokerTopic> all = new ArrayList<>(topics.all());
        all.sort((a, b) -> a.name().compareTo(b.name()));
        return all;
    }
}
