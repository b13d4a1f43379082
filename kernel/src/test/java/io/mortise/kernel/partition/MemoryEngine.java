// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogFailedException;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An engine whose "disk" outlives it: what was forced is found again by the next engine opened on
 * it, what was not is lost. Rounds can be made to fail.
 */
final class MemoryEngine implements StorageEngineProvider, EngineUnderTest {
    /** Which call fails next. */
    enum Failure {
        APPEND,
        FLUSH,
        FORCE,
        OPEN,
        REPLACE,
        /** An error in flush, not an I/O failure. */
        DEFECT
    }

    private final Map<LogId, Disk> disks = new ConcurrentHashMap<>();
    private final String name;
    private final Set<Durability> levels;
    final AtomicInteger flushes = new AtomicInteger();
    final AtomicInteger forces = new AtomicInteger();
    final AtomicInteger appends = new AtomicInteger();
    private @Nullable Failure failure;
    private int failures;
    private @Nullable Engine running;

    /** Moving a start fails once it is done. */
    volatile boolean startFailsLate;

    /** Batches that one extent holds. */
    volatile int extentBatches = 4;

    MemoryEngine() {
        this("fake", EnumSet.complementOf(EnumSet.of(Durability.NONE)));
    }

    private MemoryEngine(String name, Set<Durability> levels) {
        this.name = name;
        this.levels = levels;
    }

    static MemoryEngine named(String name) {
        return new MemoryEngine(name, EnumSet.complementOf(EnumSet.of(Durability.NONE)));
    }

    /** One that has nothing left when it is closed or its process dies. */
    static MemoryEngine forgetting(String name) {
        return new MemoryEngine(name, EnumSet.of(Durability.MEMORY));
    }

    private boolean forgets() {
        return !levels.contains(Durability.OS);
    }

    private static final class Disk {
        final NavigableMap<Long, byte[]> forced = new TreeMap<>();
        long start;

        Disk(long start) {
            this.start = start;
        }
    }

    synchronized void failNext(Failure what, int times) {
        failure = what;
        failures = times;
    }

    private synchronized void check(Failure now) throws IOException {
        if (failure == now && failures > 0) {
            failures--;
            if (now == Failure.DEFECT) {
                throw new AssertionError("made to fail");
            }
            throw new IOException("made to fail: " + now);
        }
    }

    /** Whatever is open fails aside of a round, as in the background of an engine. */
    void failAside() {
        Engine engine = running;
        if (engine != null) {
            engine.open.values().forEach(log -> log.failed = true);
        }
    }

    Set<LogId> logs() {
        return disks.keySet();
    }

    @Override
    public StorageEngineProvider provider() {
        return this;
    }

    @Override
    public StorageContext context(FakeClock clock, FakeScheduler scheduler) {
        return TestStorageContext.over(new VolatileFileLayer(), Map.of(), clock, scheduler, 1);
    }

    @Override
    public List<Durability> levels() {
        return levels.stream().sorted(Comparator.reverseOrder()).toList();
    }

    /** Logs that are not closed lose what was not forced; they are never closed after this. */
    @Override
    public void powerFails() {
        heal();
        if (forgets()) {
            disks.clear();
        }
    }

    @Override
    public void failSoon(Random random) {
        Failure[] all = Failure.values();
        failNext(all[random.nextInt(all.length)], 1 + random.nextInt(3));
    }

    @Override
    public void heal() {
        failNext(Failure.APPEND, 0);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public StorageEngine open(StorageContext context) {
        var engine = new Engine();
        running = engine;
        return engine;
    }

    private final class Engine implements StorageEngine {
        private final Map<LogId, Log> open = new ConcurrentHashMap<>();

        @Override
        public Set<Durability> durabilities() {
            return levels;
        }

        @Override
        public List<LogId> logs() {
            return List.copyOf(disks.keySet());
        }

        @Override
        public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config) throws IOException {
            check(Failure.OPEN);
            var log = new Log(this, id, disk(id, config), config);
            if (open.putIfAbsent(id, log) != null) {
                throw new IllegalStateException(id + " is open");
            }
            return log;
        }

        private Disk disk(LogId id, LogConfig config) {
            return disks.computeIfAbsent(id, key -> new Disk(config.startOffset()));
        }

        @Override
        public void deleteLog(LogId id) {
            disks.remove(id);
        }

        @Override
        public void flush() throws IOException {
            flushes.incrementAndGet();
            check(Failure.FLUSH);
            check(Failure.DEFECT);
        }

        @Override
        public void force() throws IOException {
            forces.incrementAndGet();
            check(Failure.FORCE);
            for (Log log : open.values()) {
                if (log.config.durability() == Durability.DISK) {
                    log.force();
                }
            }
        }

        @Override
        public void close() {
            open.clear();
            if (forgets()) {
                disks.clear();
            }
        }
    }

    private final class Log implements LogStorage {
        private final Engine engine;
        private final LogId id;
        private final Disk disk;
        private final NavigableMap<Long, byte[]> batches = new ConcurrentSkipListMap<>();
        private volatile LogConfig config;
        private volatile long start;
        private volatile long end;
        private volatile boolean failed;

        Log(Engine engine, LogId id, Disk disk, LogConfig config) {
            this.engine = engine;
            this.id = id;
            this.disk = disk;
            this.config = config;
            this.start = disk.start;
            synchronized (disk) {
                batches.putAll(disk.forced);
            }
            this.end = endOf(start);
        }

        private long endOf(long ifEmpty) {
            var last = batches.lastEntry();
            return last == null
                    ? ifEmpty
                    : BatchHeader.lastOffset(ByteBuffer.wrap(last.getValue()), 0) + 1;
        }

        private void requireHealthy() throws IOException {
            if (failed) {
                throw new LogFailedException(id + " failed aside", new IOException("made to fail"));
            }
        }

        private void force() {
            synchronized (disk) {
                disk.forced.clear();
                disk.forced.putAll(batches);
                disk.start = start;
            }
        }

        @Override
        public void append(int leaderEpoch, long baseOffset, long endOffset, ByteBuffer source)
                throws IOException {
            requireHealthy();
            if (baseOffset != end) {
                throw new IllegalStateException(id + ": gap from " + end + " to " + baseOffset);
            }
            int at = source.position();
            while (at < source.limit()) {
                byte[] batch = new byte[BatchHeader.sizeInBytes(source, at)];
                source.get(at, batch);
                if (BatchHeader.baseOffset(source, at) != end) {
                    throw new IllegalStateException(id + ": wrong stamp");
                }
                batches.put(end, batch);
                end = BatchHeader.lastOffset(source, at) + 1;
                at += batch.length;
            }
            appends.incrementAndGet();
            if (end != endOffset) {
                throw new IllegalStateException(id + ": end " + end + " is not " + endOffset);
            }
            check(Failure.APPEND);
        }

        @Override
        public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
            requireHealthy();
            if (offset < start || offset > end) {
                throw new OffsetOutOfRangeException(id + ": " + offset);
            }
            Long first = batches.floorKey(offset);
            if (first == null
                    || BatchHeader.lastOffset(ByteBuffer.wrap(batches.get(first)), 0) < offset) {
                first = batches.ceilingKey(offset); // offset lies in a gap
            }
            List<byte[]> found = new ArrayList<>();
            int bytes = 0;
            long next = offset;
            if (first != null && offset < end) {
                for (var entry : batches.tailMap(first).entrySet()) {
                    boolean fits = found.isEmpty() || bytes + entry.getValue().length <= maxBytes;
                    if (entry.getKey() >= limit || !fits) {
                        break;
                    }
                    found.add(entry.getValue());
                    bytes += entry.getValue().length;
                    next = BatchHeader.lastOffset(ByteBuffer.wrap(entry.getValue()), 0) + 1;
                }
            }
            return new Slice(found.isEmpty() || first == null ? offset : first, next, found, bytes);
        }

        @Override
        public long startOffset() {
            return start;
        }

        @Override
        public long endOffset() {
            return end;
        }

        @Override
        public List<LogExtent> extents() {
            List<LogExtent> extents = new ArrayList<>();
            List<byte[]> all = List.copyOf(batches.values());
            for (int i = 0; i < all.size(); i += extentBatches) {
                extents.add(extent(all.subList(i, Math.min(all.size(), i + extentBatches))));
            }
            return extents;
        }

        private LogExtent extent(List<byte[]> part) {
            long size = part.stream().mapToLong(batch -> batch.length).sum();
            long greatest =
                    part.stream()
                            .map(batch -> BatchHeader.maxTimestamp(ByteBuffer.wrap(batch), 0))
                            .max(Comparator.naturalOrder())
                            .orElse(-1L);
            return new LogExtent(
                    BatchHeader.baseOffset(ByteBuffer.wrap(part.getFirst()), 0),
                    BatchHeader.lastOffset(ByteBuffer.wrap(part.getLast()), 0) + 1,
                    size,
                    greatest);
        }

        @Override
        public void configure(LogConfig changed) {
            config = changed;
        }

        @Override
        public void truncate(long offset) {
            batches.values()
                    .removeIf(it -> BatchHeader.lastOffset(ByteBuffer.wrap(it), 0) >= offset);
            end = endOf(start);
            force();
        }

        @Override
        public void advanceStart(long offset) throws IOException {
            requireHealthy();
            start = offset;
            batches.values()
                    .removeIf(it -> BatchHeader.lastOffset(ByteBuffer.wrap(it), 0) < offset);
            end = Math.max(end, offset);
            synchronized (disk) {
                disk.start = offset;
                disk.forced.headMap(offset).clear();
            }
            if (startFailsLate) {
                throw new IOException("made to fail late");
            }
        }

        /** Batches at the end of the log are not to be replaced: its end is theirs. */
        @Override
        public void replace(long from, long to, List<ByteBuffer> replacements) throws IOException {
            check(Failure.REPLACE);
            var fresh = new TreeMap<Long, byte[]>();
            for (ByteBuffer run : replacements) {
                for (int at = run.position(); at < run.limit(); ) {
                    byte[] batch = new byte[BatchHeader.sizeInBytes(run, at)];
                    run.get(at, batch);
                    fresh.put(BatchHeader.baseOffset(run, at), batch);
                    at += batch.length;
                }
            }
            synchronized (disk) {
                batches.subMap(from, to).clear();
                batches.putAll(fresh);
                disk.forced.subMap(from, to).clear();
                disk.forced.putAll(fresh);
            }
        }

        @Override
        public void close() {
            force(); // as an operating system that lives on
            engine.open.remove(id, this);
        }
    }

    private record Slice(long baseOffset, long nextOffset, List<byte[]> batches, int sizeInBytes)
            implements LogSlice {
        @Override
        public List<Part> parts() {
            return batches.stream()
                    .map(it -> (Part) new Memory(ByteBuffer.wrap(it).asReadOnlyBuffer()))
                    .toList();
        }

        @Override
        public void close() {
            // Nothing to give back.
        }
    }
}
