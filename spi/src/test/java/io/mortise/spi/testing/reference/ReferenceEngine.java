// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.reference;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Logs with files of their own. Locks: the engine's, for which logs there are; then a log's, for
 * all that it does, I/O included.
 */
final class ReferenceEngine implements StorageEngine {
    private final FileLayer files;
    private final Registration lock;
    private final Metrics.Counter appendedBytes;
    private final Map<LogId, ReferenceLog> logs = new ConcurrentHashMap<>();

    /** Logs with appends that are not completed at their level. */
    private final Set<ReferenceLog> round = ConcurrentHashMap.newKeySet();

    private long nextLog = 1;

    private ReferenceEngine(FileLayer files, Registration lock, Metrics metrics) {
        this.files = files;
        this.lock = lock;
        appendedBytes =
                metrics.counter(
                        "mortise_storage_reference_appended_bytes_total",
                        "Bytes appended to all logs");
    }

    static ReferenceEngine open(StorageContext context) throws IOException {
        Registration lock = context.files().lock("lock");
        try {
            var engine = new ReferenceEngine(context.files(), lock, context.metrics());
            engine.findLogs();
            return engine;
        } catch (IOException | RuntimeException failure) {
            lock.close();
            throw failure;
        }
    }

    private void findLogs() throws IOException {
        List<String> names = files.list("");
        for (String name : names) {
            if (name.endsWith(".log")) {
                Manifest manifest = Manifest.read(files, name);
                logs.put(manifest.id(), new ReferenceLog(this, files, manifest));
                nextLog = Math.max(nextLog, manifest.log() + 1);
            }
        }
        for (String name : names) {
            int dash = name.indexOf('-');
            boolean orphan =
                    dash > 0 && !names.contains(Manifest.path(Long.parseLong(name, 0, dash, 10)));
            if (orphan || name.endsWith(".new")) {
                files.delete(name);
            }
        }
        files.forceDirectory("");
    }

    @Override
    public Set<Durability> durabilities() {
        return Set.of(Durability.MEMORY, Durability.OS, Durability.DISK);
    }

    static void requireLevel(LogId id, LogConfig config) {
        if (config.durability() == Durability.NONE) {
            throw new IllegalArgumentException(
                    "log " + id + " asks for durability NONE, which stores nothing");
        }
    }

    @Override
    public List<LogId> logs() {
        return List.copyOf(logs.keySet());
    }

    @Override
    public synchronized LogStorage openLog(LogId id, int leaderEpoch, LogConfig config)
            throws IOException {
        requireLevel(id, config);
        ReferenceLog log = logs.get(id);
        if (log == null) {
            var manifest = new Manifest(nextLog, id, config.startOffset(), List.of());
            manifest.write(files);
            nextLog++;
            log = new ReferenceLog(this, files, manifest);
            logs.put(id, log);
        }
        log.open(leaderEpoch, config);
        return log;
    }

    @Override
    public synchronized void deleteLog(LogId id) throws IOException {
        ReferenceLog log = logs.get(id);
        if (log == null) {
            return;
        }
        try {
            log.delete();
        } finally {
            if (log.deleted()) {
                logs.remove(id);
                round.remove(log);
            }
        }
    }

    void appended(ReferenceLog log, int bytes) {
        appendedBytes.add(bytes);
        round.add(log);
    }

    /** Nobody may be told of anything that this round held. */
    void fail(IOException failure) {
        round.forEach(log -> log.fail(failure));
        round.clear();
    }

    /** Bytes are with the operating system since they were appended. */
    @Override
    public void flush() {
        round.removeIf(log -> log.completedUnforced());
    }

    @Override
    public void force() throws IOException {
        flush();
        try {
            for (ReferenceLog log : round) {
                log.force();
            }
            round.clear();
        } catch (IOException failure) {
            fail(failure);
            throw failure;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        try {
            for (ReferenceLog log : logs.values()) {
                log.close();
            }
        } finally {
            lock.close();
        }
    }
}
