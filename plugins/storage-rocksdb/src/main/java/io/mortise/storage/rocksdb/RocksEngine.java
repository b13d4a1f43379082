// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.KeyValueSpace;
import io.mortise.spi.storage.KeyValueSpaces;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;

import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * All logs and spaces in one RocksDB, which is opened when the first of them is, or at the start
 * where there is one. Whoever uses the database holds the read side of one lock; opening and
 * closing take the write side.
 *
 * <p>After a failure of the database nothing is served until a log is opened anew, which closes the
 * database and opens it again: what it then holds is what counts.
 */
final class RocksEngine implements StorageEngine, KeyValueSpaces {
    /** What to do where RocksDB meets bytes that fail their check. */
    static final String REMEDY =
            "what else it holds is served; restore the log from a backup or another copy, and check"
                    + " the disk";

    private static final Logger LOG = LoggerFactory.getLogger(RocksEngine.class);
    private static final long LOOK_NANOS = 200_000_000L;
    private static final Set<Durability> LEVELS =
            Set.of(Durability.MEMORY, Durability.OS, Durability.DISK);

    private final DatabaseFiles files;
    private final Clock clock;
    private final Settings settings;
    private final EngineMetrics metrics;
    private final List<Registration> gauges;
    private final ReentrantReadWriteLock life = new ReentrantReadWriteLock();
    private final Map<LogId, LogEntry> logs = new ConcurrentHashMap<>();
    private final Map<String, RocksSpace> spaces = new ConcurrentHashMap<>();
    private final AtomicLong lastNumber = new AtomicLong();
    private @Nullable Database database;
    private volatile @Nullable IOException failure;
    private volatile boolean closed;
    private volatile boolean unflushed;
    private volatile boolean unforced;
    private int generation;
    private boolean roundBegun;
    private boolean roomKnown;
    private long roomNanos;

    RocksEngine(DatabaseFiles files, Settings settings, Clock clock, Metrics metrics) {
        this.files = files;
        this.clock = clock;
        this.settings = settings;
        this.metrics = EngineMetrics.of(metrics);
        gauges =
                List.of(
                        metrics.gauge(
                                "mortise_storage_rocksdb_memory_bytes",
                                "Memory of RocksDB's write buffers and block cache",
                                () -> sample(Database::memoryBytes)),
                        metrics.gauge(
                                "mortise_storage_rocksdb_disk_bytes",
                                "Bytes of RocksDB's tables on disk",
                                () -> sample(Database::diskBytes)),
                        metrics.gauge(
                                "mortise_storage_rocksdb_written_bytes",
                                "Bytes that RocksDB wrote since it was opened: log and tables",
                                () -> sample(Database::writtenBytes)),
                        metrics.gauge(
                                "mortise_storage_rocksdb_log_forces",
                                "Forces of RocksDB's write-ahead log since it was opened",
                                () -> sample(Database::forces)));
    }

    @FunctionalInterface
    private interface Sample {
        long of(Database database) throws RocksDBException;
    }

    /** A value of the database, 0 while there is none. */
    private double sample(Sample sample) {
        if (!life.readLock().tryLock()) {
            return 0;
        }
        try {
            Database open = database;
            return open == null ? 0 : sample.of(open);
        } catch (RocksDBException failed) {
            return 0;
        } finally {
            life.readLock().unlock();
        }
    }

    /** Opens the database if there is one. */
    void openIfPresent() throws IOException {
        if (files.present()) {
            openDatabase();
        }
    }

    /** Opens the database if it is not, or anew if it failed. */
    private void openDatabase() throws IOException {
        life.writeLock().lock();
        try {
            requireOpen();
            if (database == null || failure != null) {
                closeDatabase();
                files.loadLibrary();
                database = new Database(files.database(), settings);
                readLogs(database);
                failure = null;
                unflushed = false;
                unforced = false;
                roundBegun = false;
                generation++;
            }
        } catch (RocksDBException failed) {
            closeDatabase();
            throw new IOException(
                    "RocksDB in 'db' does not open: "
                            + failed.getMessage()
                            + "; no log of this engine is served; check the disk, or restore its"
                            + " directory from a backup",
                    failed);
        } finally {
            life.writeLock().unlock();
        }
    }

    private void closeDatabase() {
        Database open = database;
        database = null;
        if (open != null) {
            open.close();
        }
    }

    private void readLogs(Database open) throws RocksDBException {
        logs.values().forEach(entry -> entry.bounds = null);
        try (RocksIterator each = open.rocks.newIterator(open.logs())) {
            for (each.seekToFirst(); each.isValid(); each.next()) {
                if (!Database.isFormat(each.key())) {
                    LogBounds bounds = LogBounds.decode(each.value());
                    logs.computeIfAbsent(Keys.logId(each.key()), LogEntry::new).bounds = bounds;
                    lastNumber.accumulateAndGet(bounds.number(), Math::max);
                }
            }
            each.status();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the engine rocksdb is closed");
        }
    }

    // What logs and spaces use.

    /**
     * The database, which stays open until {@link #leave}.
     *
     * @param since the generation that the user was opened in
     * @throws IOException the database failed since then
     */
    @SuppressWarnings("LockNotBeforeTry") // who enters leaves
    Database enter(int since, String user) throws IOException {
        life.readLock().lock();
        Database open = database;
        IOException failed = failure;
        if (open != null && failed == null && since == generation) {
            return open;
        }
        life.readLock().unlock();
        requireOpen();
        throw new IOException(
                user
                        + " is refused until it is opened anew, which a broker does by itself:"
                        + " RocksDB in 'db' failed"
                        + (failed == null ? "" : ": " + failed.getMessage()),
                failed);
    }

    /** Ends what {@link #enter} began. */
    void leave() {
        life.readLock().unlock();
    }

    /** As {@link #enter}, for those that open something: also opens the database. */
    @SuppressWarnings("LockNotBeforeTry") // who enters leaves
    private Database enterAnew() throws IOException {
        while (true) {
            life.readLock().lock();
            Database open = database;
            if (open != null && failure == null) {
                return open;
            }
            life.readLock().unlock();
            openDatabase();
        }
    }

    /** The generation of whoever is within {@link #enter}. */
    int generation() {
        return generation;
    }

    EngineMetrics metrics() {
        return metrics;
    }

    /** Notes that the database failed; gives what to throw. */
    IOException failed(String what, RocksDBException cause) {
        if (corrupt(cause)) {
            return new CorruptLogException(
                    what + ", RocksDB in 'db': " + cause.getMessage() + "; " + REMEDY,
                    "db",
                    -1,
                    -1);
        }
        var problem =
                new IOException(
                        what
                                + ": RocksDB in 'db' failed: "
                                + message(cause)
                                + "; what was acknowledged is kept, and its logs are opened anew;"
                                + " if it fails again, check the disk",
                        cause);
        if (failure == null) {
            failure = problem;
            LOG.error("Storage engine rocksdb failed; its logs are opened anew", problem);
        }
        return problem;
    }

    /** Whether a table or its log holds bytes that fail their check; nothing else is spoilt. */
    static boolean corrupt(RocksDBException cause) {
        Status status = cause.getStatus();
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    static String message(RocksDBException cause) {
        Status status = cause.getStatus();
        boolean full = status != null && status.getSubCode() == Status.SubCode.NoSpace;
        return full ? "No space left on device" : String.valueOf(cause.getMessage());
    }

    /** Applies a change that is to be durable, as its log's level asks, when this returns. */
    void settle(Database open, Durability level, String what) throws IOException {
        try {
            open.flush(level == Durability.DISK);
        } catch (RocksDBException cause) {
            throw failed(what, cause);
        }
    }

    /**
     * A log of this level is about to be appended to. The first one of a round finds out, once in a
     * while, whether there is room: RocksDB itself stops for good where the disk is full.
     */
    void beforeAppend(Durability level, String log, long offset) throws IOException {
        long now = clock.nanoTime();
        if (!roundBegun && (!roomKnown || now - roomNanos >= LOOK_NANOS)) {
            roomKnown = false;
            long usable = files.usableBytes();
            if (usable < settings.reserveBytes()) {
                throw new IOException(
                        "log "
                                + log
                                + ": an append at offset "
                                + offset
                                + " to 'db' is refused: No space left on device: "
                                + usable
                                + " bytes are free, reserveBytes is "
                                + settings.reserveBytes()
                                + "; free space, and appends are taken again");
            }
            roomKnown = true;
            roomNanos = now;
        }
        roundBegun = true;
        unflushed = true;
        unforced |= level == Durability.DISK;
    }

    // Logs.

    @Override
    public Set<Durability> durabilities() {
        return LEVELS;
    }

    static void requireLevel(String log, LogConfig config) {
        if (!LEVELS.contains(config.durability())) {
            throw new IllegalArgumentException(
                    "log "
                            + log
                            + " asks for durability "
                            + config.durability()
                            + "; the engine rocksdb gives "
                            + LEVELS);
        }
    }

    @Override
    public List<LogId> logs() {
        return logs.values().stream()
                .filter(entry -> entry.bounds != null)
                .map(entry -> entry.id)
                .toList();
    }

    @Override
    public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config) throws IOException {
        requireLevel(id.toString(), config);
        Database open = enterAnew();
        LogEntry entry = lockedEntry(id);
        try {
            if (entry.open) {
                throw new IllegalStateException("log " + id + " is already open");
            }
            LogBounds bounds = entry.bounds;
            if (bounds == null) {
                bounds = create(open, id, config);
                entry.bounds = bounds;
            }
            entry.leaderEpoch = Math.max(entry.leaderEpoch, leaderEpoch);
            var log = RocksLog.load(this, open, entry, bounds, config);
            entry.open = true;
            return log;
        } catch (RocksDBException cause) {
            throw failed("log " + id, cause);
        } finally {
            entry.lock.unlock();
            leave();
        }
    }

    @SuppressWarnings("LockNotBeforeTry") // the caller unlocks
    private LogEntry lockedEntry(LogId id) {
        while (true) {
            LogEntry entry = logs.computeIfAbsent(id, LogEntry::new);
            entry.lock.lock();
            if (!entry.gone) {
                return entry;
            }
            entry.lock.unlock();
        }
    }

    private LogBounds create(Database open, LogId id, LogConfig config)
            throws RocksDBException, IOException {
        long start = config.startOffset();
        var bounds = new LogBounds(lastNumber.incrementAndGet(), start, start, start);
        try (var batch = new WriteBatch()) {
            batch.put(open.logs(), Keys.of(id), bounds.encode());
            open.write(batch);
        }
        settle(open, config.durability(), "log " + id);
        return bounds;
    }

    @Override
    public void deleteLog(LogId id) throws IOException {
        LogEntry entry = logs.get(id);
        if (entry == null) {
            return;
        }
        Database open = enterAnew();
        entry.lock.lock();
        try (var batch = new WriteBatch()) {
            if (entry.open) {
                throw new IllegalStateException("log " + id + " is open and cannot be deleted");
            }
            LogBounds bounds = entry.bounds;
            if (bounds != null) {
                byte[] first = Keys.of(bounds.number(), 0);
                byte[] last = Keys.of(bounds.number() + 1, 0);
                batch.delete(open.logs(), Keys.of(id));
                batch.deleteRange(open.extents(), first, last);
                batch.deleteRange(open.data(), first, last);
                open.write(batch);
                open.flush(true);
                entry.bounds = null;
            }
            entry.gone = true;
            logs.remove(id, entry);
        } catch (RocksDBException cause) {
            throw failed("log " + id, cause);
        } finally {
            entry.lock.unlock();
            leave();
        }
    }

    @Override
    public void flush() throws IOException {
        roundBegun = false;
        if (unflushed) {
            flush(false);
            unflushed = false;
        }
    }

    @Override
    public void force() throws IOException {
        if (unforced) {
            flush(true);
            unforced = false;
            metrics.forces().add(1);
        }
    }

    private void flush(boolean force) throws IOException {
        life.readLock().lock();
        try {
            requireOpen();
            Database open = database;
            IOException failed = failure;
            if (failed != null || open == null) {
                throw new IOException(
                        "RocksDB in 'db' failed and is not open until a log is opened anew, which a"
                                + " broker does by itself"
                                + (failed == null ? "" : ": " + failed.getMessage()),
                        failed);
            }
            open.flush(force);
        } catch (RocksDBException cause) {
            throw failed(force ? "force" : "flush", cause);
        } finally {
            life.readLock().unlock();
        }
    }

    // Spaces.

    @Override
    public KeyValueSpace openSpace(String name) throws IOException {
        byte[] prefix = RocksSpace.prefix(name);
        enterAnew();
        try {
            var space = new RocksSpace(this, name, prefix, generation);
            if (spaces.putIfAbsent(name, space) != null) {
                throw new IllegalStateException("space " + name + " is already open");
            }
            return space;
        } finally {
            leave();
        }
    }

    void closed(RocksSpace space) {
        spaces.remove(space.name(), space);
    }

    @Override
    public void deleteSpace(String name) throws IOException {
        byte[] prefix = RocksSpace.prefix(name);
        if (spaces.containsKey(name)) {
            throw new IllegalStateException("space " + name + " is open and cannot be deleted");
        }
        Database open = enterAnew();
        try (var batch = new WriteBatch()) {
            batch.deleteRange(open.spaces(), prefix, RocksSpace.after(prefix));
            open.write(batch);
            open.flush(true);
        } catch (RocksDBException cause) {
            throw failed("space " + name, cause);
        } finally {
            leave();
        }
    }

    @Override
    public boolean persistent() {
        return true;
    }

    /** Waits for whoever reads just now; forces what was appended. */
    @Override
    public void close() throws IOException {
        life.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            gauges.forEach(Registration::close);
            Database open = database;
            if (open != null && failure == null) {
                open.flush(true);
            }
        } catch (RocksDBException cause) {
            throw new IOException(
                    "RocksDB in 'db' did not close well: "
                            + message(cause)
                            + "; what was acknowledged is kept; check the disk",
                    cause);
        } finally {
            closeDatabase();
            life.writeLock().unlock();
        }
    }
}
