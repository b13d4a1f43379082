// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.storage.KeyValueSpace;
import io.mortise.spi.storage.KeyValueSpaces;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.SelfTrimming;
import io.mortise.spi.storage.StorageEngine;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Logs that live as long as the engine is open. */
final class MemoryEngine implements StorageEngine, KeyValueSpaces, SelfTrimming {
    private static final Pattern SPACE = Pattern.compile("[a-z0-9._-]{1,200}");

    private final Map<LogId, MemoryLog> logs = new ConcurrentHashMap<>();
    private final Map<String, MemorySpace> spaces = new ConcurrentHashMap<>();
    private final MemoryBudget budget;
    private final boolean dropOldest;
    private final Metrics.Counter dropped;
    private final Registration usedGauge;
    private TrimListener listener = (log, start) -> {};

    /** What was cut since it was last told; the writer thread's own. */
    private final Set<MemoryLog> trimmed = new LinkedHashSet<>();

    MemoryEngine(long maxBytes, boolean dropOldest, Metrics metrics) {
        this.dropOldest = dropOldest;
        dropped =
                metrics.counter(
                        "mortise_storage_memory_dropped_bytes_total",
                        "Bytes dropped from the start of logs to make room (whenFull drop-oldest)");
        budget = new MemoryBudget(maxBytes);
        usedGauge =
                metrics.gauge(
                        "mortise_storage_memory_used_bytes",
                        "Memory of all logs and spaces of the memory engine, lent slices included",
                        budget::usedBytes);
    }

    @Override
    public Set<Durability> durabilities() {
        return Set.of(Durability.MEMORY);
    }

    @Override
    public List<LogId> logs() {
        return List.copyOf(logs.keySet());
    }

    @Override
    public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config) {
        requireMemory(id.toString(), config);
        MemoryLog log =
                logs.computeIfAbsent(
                        id, key -> new MemoryLog(this, key, budget, config.startOffset()));
        log.open(leaderEpoch, config);
        return log;
    }

    /**
     * Takes memory for a log, by the policy from the start of whichever log has most. Writer
     * thread, with the log's lock: nobody else holds two of them.
     */
    void take(MemoryLog log, int bytes) throws IOException {
        while (!budget.tryTake(bytes)) {
            if (!dropOldest || !dropOldest()) {
                budget.take(log.where(), bytes); // says what is wrong
                return;
            }
        }
    }

    private boolean dropOldest() {
        MemoryLog largest = null;
        long most = 0;
        for (MemoryLog log : logs.values()) {
            long bytes = log.droppableBytes();
            if (bytes > most) {
                largest = log;
                most = bytes;
            }
        }
        if (largest != null) {
            dropped.add(largest.dropOldest());
            trimmed.add(largest);
        }
        return largest != null;
    }

    @Override
    public void onTrim(TrimListener told) {
        listener = told;
    }

    /** Writer thread, without a lock. */
    void tellTrimmed() {
        if (!trimmed.isEmpty()) {
            for (MemoryLog log : trimmed) {
                listener.trimmed(log.id(), log.startOffset());
            }
            trimmed.clear();
        }
    }

    static void requireMemory(String log, LogConfig config) {
        if (config.durability() != Durability.MEMORY) {
            throw new IllegalArgumentException(
                    "log "
                            + log
                            + " asks for durability "
                            + config.durability()
                            + "; the memory engine gives MEMORY only");
        }
    }

    @Override
    public void deleteLog(LogId id) {
        MemoryLog log = logs.get(id);
        if (log != null) {
            log.delete();
            logs.remove(id, log);
        }
    }

    /** Nothing waits in memory for anything. */
    @Override
    public void flush() {}

    /** No log is of level DISK. */
    @Override
    public void force() {}

    @Override
    public KeyValueSpace openSpace(String name) {
        requireName(name);
        MemorySpace space = spaces.computeIfAbsent(name, key -> new MemorySpace(key, budget));
        space.open();
        return space;
    }

    private static void requireName(String name) {
        if (!SPACE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of a space: 1 to 200 of a-z 0-9 . _ -");
        }
    }

    @Override
    public void deleteSpace(String name) {
        requireName(name);
        MemorySpace space = spaces.get(name);
        if (space != null) {
            space.delete();
        }
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public void close() {
        usedGauge.close();
        spaces.values().forEach(MemorySpace::close);
        spaces.clear();
        logs.values().forEach(MemoryLog::close);
        logs.clear();
    }
}
