// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.Directories;
import io.mortise.kernel.directory.LogDirectory;
import io.mortise.kernel.metadata.LogDirectoryIdentity;
import io.mortise.spi.LogId;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.SimulatedFileLayer;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.reference.ReferenceStorageProvider;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A host over a data directory and others, each on a disk of its own that may fail, be taken out
 * and put elsewhere; on one thread.
 */
final class TwoDisks implements LeadershipListener, AutoCloseable {
    static final String CLUSTER = "cluster-of-these-tests";

    final FakeClock clock = new FakeClock();
    final FakeTopic topic;
    final SimulatedFileLayer states = new SimulatedFileLayer(1);

    /** What is mounted where; the data directory is {@code data}. */
    final Map<String, SimulatedFileLayer> mounts = new HashMap<>();

    /** As in the configuration. */
    final List<String> configured = new ArrayList<>();

    final List<String> told = new ArrayList<>();
    private final StorageEngineProvider provider;
    private final Map<String, String> settings;
    private final Random random = new Random(4);
    private final ArrayDeque<Runnable> loop = new ArrayDeque<>();
    private final Map<LogId, PartitionLog> opened = new LinkedHashMap<>();
    FakeScheduler scheduler = new FakeScheduler(clock);
    TestMetrics metrics = new TestMetrics();
    private List<EngineWriter> writers = new ArrayList<>();
    private @Nullable LogHost host;

    /** With the reference engine. */
    TwoDisks() {
        this(new ReferenceStorageProvider(), Map.of());
    }

    TwoDisks(StorageEngineProvider provider, Map<String, String> settings) {
        this.provider = provider;
        this.settings = settings;
        this.topic = new FakeTopic().with("storage.engine", provider.name());
        mounts.put("data", new SimulatedFileLayer(2));
    }

    /** A disk at a path that the configuration names. */
    TwoDisks with(String path, SimulatedFileLayer disk) {
        mounts.put(path, disk);
        configured.add(path);
        return this;
    }

    SimulatedFileLayer disk(String path) {
        return mounts.get(path);
    }

    LogHost host() {
        if (host == null) {
            throw new IllegalStateException("not started");
        }
        return host;
    }

    /** Starts over what the disks hold. */
    TwoDisks start() throws IOException {
        writers = new ArrayList<>();
        scheduler = new FakeScheduler(clock);
        List<LogDirectory> others = new ArrayList<>();
        for (String path : configured) {
            others.add(LogDirectory.other(others.size() + 1, path, create -> mounted(path)));
        }
        Directories directories =
                Directories.open(
                        LogDirectory.primary("data", disk("data")),
                        others,
                        states,
                        new LogDirectoryIdentity(CLUSTER, 3),
                        random);
        host =
                new LogHost(
                        PartitionOptions.defaults(),
                        clock,
                        scheduler,
                        states,
                        directories,
                        metrics,
                        writers::add,
                        this);
        var _ = host.register(provider, this::context);
        settle();
        return this;
    }

    private FileLayer mounted(String path) throws IOException {
        FileLayer disk = mounts.get(path);
        if (disk == null) {
            throw new NoSuchFileException(path);
        }
        return disk;
    }

    private TestStorageContext context(LogDirectory directory) throws IOException {
        FileLayer disk = mounted(directory.name());
        return new TestStorageContext(
                Below.of(disk, "logs/" + provider.name()),
                settings,
                clock,
                scheduler,
                new Random(5),
                metrics);
    }

    /** The process dies and the power fails; then it starts again. */
    TwoDisks restart() throws IOException {
        die();
        return start();
    }

    void die() {
        close();
        states.crash();
        mounts.values().forEach(SimulatedFileLayer::crash);
        mounts.values().forEach(SimulatedFileLayer::calm);
    }

    @Override
    public void close() {
        opened.values().forEach(log -> log.leadership().down());
        opened.clear();
        loop.clear();
        host = null;
    }

    LogId id(int index) {
        return new LogId(topic.tenant(), topic.id(), index, 3);
    }

    PartitionLog open(int index) {
        var future = host().open(id(index), topic, 0).toCompletableFuture();
        settle();
        var log = (PartitionLog) future.join();
        opened.put(log.logId(), log);
        return log;
    }

    /** Where a partition is kept. */
    String place(Partition log) {
        for (LogDirectory directory : host().directories()) {
            if (host().keptIn(directory).contains(log)) {
                return directory.name();
            }
        }
        return "nowhere";
    }

    LogDirectory directory(String path) {
        return host().directories().stream()
                .filter(it -> it.name().equals(path))
                .findAny()
                .orElseThrow();
    }

    void settle() {
        boolean worked = true;
        while (worked) {
            worked = false;
            for (EngineWriter writer : List.copyOf(writers)) {
                worked |= writer.runOnce();
            }
            worked |= scheduler.runReady() > 0;
            for (Runnable task; (task = loop.poll()) != null; worked = true) {
                task.run();
            }
        }
    }

    /** Lets so many seconds pass. */
    void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            scheduler.advanceNanos(1_000_000_000L);
            settle();
        }
    }

    AppendResult append(Partition log, ByteBuf batch) {
        String name = log.index() + "@" + log.logEndOffset();
        AppendResult result =
                log.append(
                        batch,
                        -1,
                        Origin.CLIENT,
                        AckLevel.DURABLE,
                        loop::add,
                        it -> told.add(name + (it == null ? "" : " " + it.reason())));
        settle();
        return result;
    }

    /** Base offsets of everything that is committed. */
    List<Long> read(Partition log) {
        List<Long> found = new ArrayList<>();
        long next = log.logStartOffset();
        while (next < log.highWatermark()) {
            FetchedBatches fetched = fetch(log, next);
            next = fetched.nextOffset();
            for (ByteBuffer batch : Batches.split(fetched)) {
                found.add(BatchHeader.baseOffset(batch, 0));
            }
        }
        return found;
    }

    private FetchedBatches fetch(Partition log, long offset) {
        List<FetchedBatches> result = new ArrayList<>();
        List<Refusal> refused = new ArrayList<>();
        log.read(
                offset,
                1 << 20,
                Visibility.COMMITTED,
                loop::add,
                (batches, refusal) -> {
                    if (batches != null) {
                        result.add(batches);
                    } else if (refusal != null) {
                        refused.add(refusal);
                    }
                });
        settle();
        if (!refused.isEmpty()) {
            throw refused.getFirst().asException();
        }
        return result.getFirst();
    }

    @Override
    public void lost(Partition partition, Refusal why) {
        // Seen by what appends hear.
    }

    @Override
    public void won(Partition partition) {
        // Seen by what appends hear.
    }
}
