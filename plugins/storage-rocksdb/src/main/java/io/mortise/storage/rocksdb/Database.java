// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.StatsLevel;
import org.rocksdb.TickerType;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One open RocksDB: four families of keys with one write-ahead log, which is handed to the
 * operating system when asked to and not at every write. Its owner sees to it that nobody uses it
 * once it is closed: native code would not notice.
 */
final class Database implements AutoCloseable {
    /** What the families hold: see the README. */
    private static final int FORMAT = 1;

    private static final byte[] FORMAT_KEY = {'f', 'o', 'r', 'm', 'a', 't'};
    private static final List<String> FAMILIES = List.of("default", "logs", "extents", "spaces");

    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final Set<AbstractNativeReference> lent = ConcurrentHashMap.newKeySet();
    private final List<ColumnFamilyHandle> families = new ArrayList<>();
    private final WriteOptions plain;
    private final LRUCache cache;
    private final Statistics statistics;
    final RocksDB rocks;

    /** Opens, making it if absent; replays what the write-ahead log holds. */
    Database(String path, Settings settings) throws RocksDBException, IOException {
        try {
            cache = own(new LRUCache(settings.blockCacheBytes()));
            statistics = own(new Statistics());
            statistics.setStatsLevel(StatsLevel.EXCEPT_DETAILED_TIMERS);
            plain = own(new WriteOptions());
            var options = own(new DBOptions());
            configure(options, settings);
            var filter = own(new BloomFilter(10));
            var table =
                    new BlockBasedTableConfig()
                            .setBlockCache(cache)
                            .setCacheIndexAndFilterBlocks(true)
                            .setFilterPolicy(filter);
            var descriptors = new ArrayList<ColumnFamilyDescriptor>();
            for (String name : FAMILIES) {
                // The batches' own family is the first, which RocksDB calls "default".
                long buffer =
                        name.equals("default")
                                ? settings.writeBufferBytes()
                                : Math.max(1 << 16, settings.writeBufferBytes() / 4);
                descriptors.add(
                        new ColumnFamilyDescriptor(name.getBytes(UTF_8), family(buffer, table)));
            }
            rocks = RocksDB.open(options, path, descriptors, families);
            owned.push(rocks);
            families.forEach(owned::push);
            checkFormat(path);
        } catch (RocksDBException | IOException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    private void configure(DBOptions options, Settings settings) {
        options.setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setManualWalFlush(true)
                .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                .setMaxBackgroundJobs(Math.max(2, settings.backgroundThreads()))
                .setMaxOpenFiles(512)
                .setMaxTotalWalSize(4 * settings.writeBufferBytes())
                .setBytesPerSync(1 << 20)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(1 << 20)
                .setKeepLogFileNum(2)
                .setStatistics(statistics);
    }

    private ColumnFamilyOptions family(long buffer, BlockBasedTableConfig table) {
        return own(new ColumnFamilyOptions())
                .setWriteBufferSize(buffer)
                .setArenaBlockSize(Math.min(buffer / 8, 256 << 10))
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setLevelCompactionDynamicLevelBytes(true)
                .setTableFormatConfig(table);
    }

    private void checkFormat(String path) throws RocksDBException, IOException {
        byte[] found = rocks.get(logs(), FORMAT_KEY);
        if (found == null) {
            rocks.put(
                    logs(),
                    plain,
                    FORMAT_KEY,
                    ByteBuffer.allocate(Integer.BYTES).putInt(FORMAT).array());
            rocks.flushWal(true);
        } else if (found.length != Integer.BYTES || ByteBuffer.wrap(found).getInt() != FORMAT) {
            throw new IOException(
                    path
                            + " is of format "
                            + (found.length == Integer.BYTES
                                    ? ByteBuffer.wrap(found).getInt()
                                    : "unknown")
                            + "; this version of storage-rocksdb understands "
                            + FORMAT
                            + ": start the release that wrote it, or restore a backup of this one");
        }
    }

    /** Whether a key among {@link #logs} is no log's. */
    static boolean isFormat(byte[] key) {
        return java.util.Arrays.equals(key, FORMAT_KEY);
    }

    /** Batches. */
    ColumnFamilyHandle data() {
        return families.get(0);
    }

    /** Which logs there are. */
    ColumnFamilyHandle logs() {
        return families.get(1);
    }

    /** Sealed extents of logs. */
    ColumnFamilyHandle extents() {
        return families.get(2);
    }

    /** Keys of spaces. */
    ColumnFamilyHandle spaces() {
        return families.get(3);
    }

    /** Applies a batch; the write-ahead log of it may still be in this process. */
    void write(WriteBatch batch) throws RocksDBException {
        rocks.write(plain, batch);
    }

    /** Hands the write-ahead log to the operating system, and forces it if so asked. */
    void flush(boolean force) throws RocksDBException {
        rocks.flushWal(force);
    }

    /** Has a native object closed with the database, if its user does not come first. */
    <T extends AbstractNativeReference> T lend(T reference) {
        lent.add(reference);
        return reference;
    }

    void giveBack(AbstractNativeReference reference) {
        if (lent.remove(reference)) {
            reference.close();
        }
    }

    /** How often the write-ahead log was forced since this was opened. */
    long forces() {
        return statistics.getTickerCount(TickerType.WAL_FILE_SYNCED);
    }

    /** Bytes that RocksDB wrote: write-ahead log, tables, and tables merged. */
    long writtenBytes() {
        return statistics.getTickerCount(TickerType.WAL_FILE_BYTES)
                + statistics.getTickerCount(TickerType.FLUSH_WRITE_BYTES)
                + statistics.getTickerCount(TickerType.COMPACT_WRITE_BYTES);
    }

    /** Memory of write buffers, cache and readers of tables. */
    long memoryBytes() throws RocksDBException {
        return cache.getUsage() + rocks.getAggregatedLongProperty("rocksdb.size-all-mem-tables");
    }

    /** Bytes of the tables on disk. */
    long diskBytes() throws RocksDBException {
        return rocks.getAggregatedLongProperty("rocksdb.total-sst-files-size");
    }

    @Override
    public void close() {
        lent.forEach(AbstractNativeReference::close);
        lent.clear();
        for (AutoCloseable each = owned.poll(); each != null; each = owned.poll()) {
            try {
                each.close();
            } catch (Exception impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
