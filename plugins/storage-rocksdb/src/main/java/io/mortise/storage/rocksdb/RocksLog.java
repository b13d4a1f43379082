// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;

import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One log. Whoever changes it holds {@code shape} from beginning to end; {@code lock} covers what
 * readers must see as one: bounds and extents, and, where batches go away, that they go. A reader
 * takes an iterator, which sees one state of the database, under it and reads outside.
 */
final class RocksLog implements LogStorage {
    private final RocksEngine engine;
    private final int generation;
    private final LogEntry entry;
    private final String name;
    private final long number;
    private final ReentrantLock shape = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private volatile LogConfig config;
    private volatile LogExtents extents;
    private volatile long startOffset;
    private volatile long endOffset;
    private volatile boolean open = true;

    private RocksLog(
            RocksEngine engine,
            LogEntry entry,
            LogBounds bounds,
            LogConfig config,
            LogExtents extents,
            long endOffset) {
        this.engine = engine;
        this.generation = engine.generation();
        this.entry = entry;
        this.name = entry.id.toString();
        this.number = bounds.number();
        this.config = config;
        this.extents = extents;
        this.startOffset = bounds.start();
        this.endOffset = endOffset;
    }

    /** Opens a log: reads its sealed extents and the headers of what lies behind them. */
    static RocksLog load(
            RocksEngine engine,
            Database database,
            LogEntry entry,
            LogBounds bounds,
            LogConfig config)
            throws RocksDBException {
        var sealed = new ArrayList<LogExtent>();
        byte[] first = Keys.of(bounds.number(), 0);
        try (RocksIterator each = database.rocks.newIterator(database.extents())) {
            for (each.seek(first); of(each, bounds.number()); each.next()) {
                long base = ByteBuffer.wrap(each.key()).getLong(Long.BYTES);
                sealed.add(LogExtents.decode(base, each.value()));
            }
            each.status();
        }
        var extents = new LogExtents(bounds.base(), sealed);
        long end = Math.max(bounds.end(), extents.growingBase());
        try (var walk = new BatchWalk(database, bounds.number(), extents.growingBase())) {
            for (; walk.isValid(); walk.next()) {
                end = Math.max(end, walk.lastOffset() + 1);
                extents.add(walk.sizeInBytes(), walk.lastOffset() + 1, walk.maxTimestamp());
            }
        }
        extents.end(end);
        return new RocksLog(engine, entry, bounds, config, extents, end);
    }

    private static boolean of(RocksIterator each, long number) {
        return each.isValid() && ByteBuffer.wrap(each.key()).getLong() == number;
    }

    private Database enter() throws IOException {
        requireOpen();
        return engine.enter(generation, "log " + name);
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("log " + name + " is closed");
        }
    }

    private IOException failed(RocksDBException cause) {
        return engine.failed("log " + name + ", at offset " + endOffset, cause);
    }

    // Appending.

    @Override
    public void append(int epoch, long baseOffset, long end, ByteBuffer batches)
            throws IOException {
        Database database = enter();
        shape.lock();
        try (var changes = new WriteBatch()) {
            check(epoch, baseOffset, end, batches);
            engine.beforeAppend(config.durability(), name, endOffset);
            LogExtents grown = put(database, changes, batches);
            database.write(changes);
            entry.leaderEpoch = epoch;
            extents = grown;
            endOffset = end;
            engine.metrics().appendedBytes().add(batches.remaining());
        } catch (RocksDBException cause) {
            throw failed(cause);
        } finally {
            shape.unlock();
            engine.leave();
        }
    }

    private void check(int epoch, long baseOffset, long end, ByteBuffer batches) {
        if (epoch < entry.leaderEpoch) {
            throw new IllegalArgumentException(
                    "log "
                            + name
                            + " is led under epoch "
                            + entry.leaderEpoch
                            + ", append carries "
                            + epoch);
        }
        Batches.checkAppend(name, endOffset, baseOffset, end, batches);
    }

    /** Adds batches to the changes; gives the extents as they are then. */
    private LogExtents put(Database database, WriteBatch changes, ByteBuffer batches)
            throws RocksDBException {
        LogExtents grown = extents.copy();
        for (int at = batches.position(); at < batches.limit(); ) {
            int size = BatchHeader.sizeInBytes(batches, at);
            if (grown.full(size, config.extentBytes())) {
                seal(database, changes, grown);
            }
            putBatch(database, changes, batches, at, size);
            long last = BatchHeader.lastOffset(batches, at);
            grown.add(size, last + 1, BatchHeader.maxTimestamp(batches, at));
            at += size;
        }
        return grown;
    }

    private void seal(Database database, WriteBatch changes, LogExtents grown)
            throws RocksDBException {
        LogExtent sealed = grown.seal();
        byte[] key = Keys.of(number, sealed.baseOffset());
        changes.put(database.extents(), key, LogExtents.encode(sealed));
    }

    private void putBatch(
            Database database, WriteBatch changes, ByteBuffer batches, int at, int size)
            throws RocksDBException {
        byte[] value = new byte[size];
        batches.get(at, value);
        byte[] key = Keys.of(number, BatchHeader.lastOffset(batches, at));
        changes.put(database.data(), key, value);
    }

    // Reading.

    @Override
    public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
        Database database = enter();
        try {
            RocksIterator each;
            long end;
            lock.lock();
            try {
                end = endOffset;
                checkRange(offset, end);
                each = database.rocks.newIterator(database.data());
            } finally {
                lock.unlock();
            }
            try (each) {
                requireOpen(); // else it may have been deleted before the iterator was made
                return collect(each, offset, Math.min(limit, end), maxBytes);
            }
        } catch (RocksDBException cause) {
            throw unreadable(offset, cause);
        } finally {
            engine.leave();
        }
    }

    private void checkRange(long offset, long end) throws OffsetOutOfRangeException {
        if (offset < startOffset || offset > end) {
            throw new OffsetOutOfRangeException(
                    "log "
                            + name
                            + " was asked for offset "
                            + offset
                            + ", it has "
                            + startOffset
                            + " to "
                            + end);
        }
    }

    private LogSlice collect(RocksIterator each, long offset, long limit, int maxBytes)
            throws RocksDBException, CorruptLogException {
        var batches = new ArrayList<byte[]>();
        long base = offset;
        long next = Math.max(offset, limit);
        int bytes = 0;
        for (each.seek(Keys.of(number, offset)); of(each, number); each.next()) {
            long last = ByteBuffer.wrap(each.key()).getLong(Long.BYTES);
            byte[] batch = each.value();
            if (!Batches.sound(batch, last)) {
                throw corrupt(last, "it fails its CRC or is not the batch that belongs there");
            }
            long first = ByteBuffer.wrap(batch).getLong(BatchHeader.BASE_OFFSET);
            if (first >= limit || (bytes > 0 && bytes + batch.length > maxBytes)) {
                break;
            }
            base = batches.isEmpty() ? first : base;
            next = last + 1;
            bytes += batch.length;
            batches.add(batch);
        }
        each.status();
        return batches.isEmpty()
                ? MemorySlice.empty(offset, next)
                : MemorySlice.of(base, next, batches, bytes);
    }

    private CorruptLogException corrupt(long lastOffset, @Nullable String why) {
        engine.metrics().corrupt().add(1);
        return new CorruptLogException(
                "log "
                        + name
                        + ", RocksDB in 'db', batch that ends with offset "
                        + lastOffset
                        + ": "
                        + why
                        + "; "
                        + RocksEngine.REMEDY,
                "db",
                -1,
                -1);
    }

    /** A read that fails spoils nothing but itself. */
    private IOException unreadable(long offset, RocksDBException cause) {
        return RocksEngine.corrupt(cause)
                ? corrupt(offset, cause.getMessage())
                : new IOException(
                        "log "
                                + name
                                + ", RocksDB in 'db', read at offset "
                                + offset
                                + ": "
                                + RocksEngine.message(cause)
                                + "; it may be tried again; check the disk",
                        cause);
    }

    @Override
    public long startOffset() {
        return startOffset;
    }

    @Override
    public long endOffset() {
        return endOffset;
    }

    @Override
    public List<LogExtent> extents() {
        return extents.list();
    }

    @Override
    public void configure(LogConfig value) {
        RocksEngine.requireLevel(name, value);
        config = value;
    }

    // Changing what is there.

    @Override
    public void truncate(long offset) throws IOException {
        Database database = enter();
        shape.lock();
        try (var changes = new WriteBatch()) {
            if (offset >= endOffset) {
                return;
            }
            long cut = cutAt(database, offset);
            LogExtents left = extents.copy();
            left.cut(cut);
            long base = left.growingBase();
            measure(database, left, cut);
            byte[] past = Keys.of(number + 1, 0);
            changes.deleteRange(database.data(), Keys.of(number, offset), past);
            changes.deleteRange(database.extents(), Keys.of(number, base), past);
            apply(database, changes, left, Math.min(startOffset, cut), cut);
        } catch (RocksDBException cause) {
            throw failed(cause);
        } finally {
            shape.unlock();
            engine.leave();
        }
    }

    /** Where the log ends when all batches that end at or past an offset are gone. */
    private long cutAt(Database database, long offset) throws RocksDBException {
        try (var walk = new BatchWalk(database, number, offset)) {
            return walk.isValid() ? Math.min(offset, walk.baseOffset()) : offset;
        }
    }

    /** Adds what the growing extent holds up to an offset. */
    private void measure(Database database, LogExtents left, long cut) throws RocksDBException {
        try (var walk = new BatchWalk(database, number, left.growingBase())) {
            for (; walk.isValid() && walk.lastOffset() < cut; walk.next()) {
                left.add(walk.sizeInBytes(), walk.lastOffset() + 1, walk.maxTimestamp());
            }
        }
        left.end(cut);
    }

    /** Writes changes with the bounds that follow from them, then has readers see both. */
    private void apply(
            Database database, WriteBatch changes, LogExtents shaped, long start, long end)
            throws RocksDBException, IOException {
        var bounds = new LogBounds(number, start, shaped.firstBase(), end);
        changes.put(database.logs(), Keys.of(entry.id), bounds.encode());
        lock.lock();
        try {
            database.write(changes);
            extents = shaped;
            startOffset = start;
            endOffset = end;
            entry.bounds = bounds;
        } finally {
            lock.unlock();
        }
        engine.settle(database, config.durability(), "log " + name);
    }

    @Override
    public void advanceStart(long offset) throws IOException {
        Database database = enter();
        shape.lock();
        try (var changes = new WriteBatch()) {
            long start = Math.min(offset, endOffset);
            if (start <= startOffset) {
                return;
            }
            LogExtents left = extents.copy();
            left.dropBelow(start);
            if (left.firstBase() > extents.firstBase()) {
                byte[] first = Keys.of(number, 0);
                byte[] kept = Keys.of(number, left.firstBase());
                changes.deleteRange(database.data(), first, kept);
                changes.deleteRange(database.extents(), first, kept);
            }
            apply(database, changes, left, start, endOffset);
        } catch (RocksDBException cause) {
            throw failed(cause);
        } finally {
            shape.unlock();
            engine.leave();
        }
    }

    // Replacing.

    @Override
    public void replace(long from, long to, List<ByteBuffer> batches) throws IOException {
        Batches.checkReplacement(name, from, to, batches);
        Database database = enter();
        try {
            boolean done = from == to;
            while (!done) {
                List<LogExtent> old = sealed(database, from, to);
                done = swap(database, old, from, to, batches);
            }
        } catch (RocksDBException cause) {
            throw failed(cause);
        } finally {
            engine.leave();
        }
    }

    /** The extents that the range lies in, none of which grows any more. */
    private List<LogExtent> sealed(Database database, long from, long to) throws RocksDBException {
        shape.lock();
        try (var changes = new WriteBatch()) {
            if (from < extents.firstBase() || to > endOffset) {
                throw new IllegalArgumentException(
                        "log "
                                + name
                                + " has "
                                + extents.firstBase()
                                + " to "
                                + endOffset
                                + "; "
                                + from
                                + " to "
                                + to
                                + " cannot be replaced");
            }
            if (extents.growsBelow(to)) {
                LogExtents grown = extents.copy();
                grown.end(endOffset);
                seal(database, changes, grown);
                database.write(changes);
                extents = grown;
            }
            return extents.within(from, to);
        } finally {
            shape.unlock();
        }
    }

    /** Measures aside; false if retention or truncation came in between. */
    private boolean swap(
            Database database, List<LogExtent> old, long from, long to, List<ByteBuffer> batches)
            throws RocksDBException, IOException {
        var fresh =
                new Replacement(name, old.getFirst().baseOffset(), config.extentBytes(), from, to);
        try (var walk = new BatchWalk(database, number, old.getFirst().baseOffset())) {
            fresh.measure(walk, batches, old.getLast().endOffset());
        }
        shape.lock();
        try (var changes = new WriteBatch()) {
            LogExtents swapped = extents.copy();
            if (!swapped.swap(old, fresh.extents())) {
                return false;
            }
            changes.deleteRange(database.data(), Keys.of(number, from), Keys.of(number, to));
            for (ByteBuffer run : batches) {
                for (int at = run.position(); at < run.limit(); ) {
                    int size = BatchHeader.sizeInBytes(run, at);
                    putBatch(database, changes, run, at, size);
                    at += size;
                }
            }
            changes.deleteRange(
                    database.extents(),
                    Keys.of(number, old.getFirst().baseOffset()),
                    Keys.of(number, old.getLast().endOffset()));
            for (LogExtent each : fresh.extents()) {
                byte[] key = Keys.of(number, each.baseOffset());
                changes.put(database.extents(), key, LogExtents.encode(each));
            }
            apply(database, changes, swapped, startOffset, endOffset);
            return true;
        } finally {
            shape.unlock();
        }
    }

    /** What was appended stays. */
    @Override
    public void close() {
        entry.lock.lock();
        try {
            if (open) {
                open = false;
                entry.open = false;
            }
        } finally {
            entry.lock.unlock();
        }
    }
}
