// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import io.mortise.kernel.partition.GenerationFile;
import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.CRC32C;

/**
 * Writes the logs of a backup into engines. Offsets stay; where compaction left a gap there is a
 * batch without records in its place, since an engine takes no gap. One thread; blocks.
 */
public final class LogRestoration implements BackupVisitor {
    private static final int FORCE_BYTES = 16 << 20;

    private final Map<String, StorageEngine> engines;
    private final FileLayer states;
    private final Predicate<BackedUpLog> wanted;
    private @Nullable BackedUpLog log;
    private @Nullable StorageEngine engine;
    private @Nullable LogStorage storage;
    private long unforced;

    /**
     * @param engines by name
     * @param states of partitions
     * @param wanted logs of topics that the metadata knows
     */
    public LogRestoration(
            Map<String, StorageEngine> engines, FileLayer states, Predicate<BackedUpLog> wanted) {
        this.engines = Map.copyOf(engines);
        this.states = states;
        this.wanted = wanted;
    }

    @Override
    public void log(BackedUpLog begun) throws IOException {
        log = wanted.test(begun) ? begun : null;
        engine = engines.get(begun.engine());
        if (engine == null) {
            throw new RefusedException(
                    Reason.STORAGE_UNAVAILABLE,
                    begun.name()
                            + " is kept by the storage engine '"
                            + begun.engine()
                            + "', which no plugin here offers; there is "
                            + engines.keySet());
        }
    }

    @Override
    public void batches(ByteBuffer batches) throws IOException {
        if (log == null) {
            return;
        }
        int at = 0;
        while (at < batches.limit()) {
            int end = at;
            long base = BatchHeader.baseOffset(batches, at);
            long next = base;
            int epoch = BatchHeader.leaderEpoch(batches, at);
            while (end < batches.limit()
                    && BatchHeader.baseOffset(batches, end) == next
                    && BatchHeader.leaderEpoch(batches, end) == epoch) {
                next = BatchHeader.lastOffset(batches, end) + 1;
                end += BatchHeader.sizeInBytes(batches, end);
            }
            append(epoch, base, next, batches.slice(at, end - at));
            at = end;
        }
    }

    private void append(int epoch, long base, long next, ByteBuffer run) throws IOException {
        LogStorage open = opened(base, epoch);
        fill(open, base, epoch);
        open.append(epoch, base, next, run);
        unforced += run.limit();
        if (unforced >= FORCE_BYTES) {
            force();
        }
    }

    private LogStorage opened(long base, int epoch) throws IOException {
        LogStorage open = storage;
        if (open == null) {
            BackedUpLog begun = begun();
            StorageEngine target = target();
            boolean disk = target.durabilities().contains(Durability.DISK);
            Durability level = disk ? Durability.DISK : Durability.OS;
            long start = Math.min(base, begun.startOffset());
            var config = new LogConfig(level, begun.extentBytes(), start);
            open = target.openLog(begun.id(), epoch, config);
            storage = open;
        }
        return open;
    }

    private BackedUpLog begun() {
        if (log == null) {
            throw new IllegalStateException("no log was begun");
        }
        return log;
    }

    private StorageEngine target() {
        if (engine == null) {
            throw new IllegalStateException("no log was begun");
        }
        return engine;
    }

    private void force() throws IOException {
        target().flush();
        target().force();
        unforced = 0;
    }

    @Override
    public void logEnd() throws IOException {
        BackedUpLog ended = log;
        if (ended == null) {
            return;
        }
        LogStorage open = opened(ended.startOffset(), ended.leaderEpoch());
        fill(open, ended.endOffset(), ended.leaderEpoch());
        force();
        if (open.startOffset() < ended.startOffset()) {
            open.advanceStart(ended.startOffset());
        }
        storage = null;
        open.close();
        if (ended.id().generation() > 0) {
            new GenerationFile(states, ended.id())
                    .writeOnly(ended.id(), ended.engine(), ended.startOffset());
        }
    }

    private static void fill(LogStorage open, long to, int epoch) throws IOException {
        long from = open.endOffset();
        while (from < to) {
            long next = Math.min(to, from + Integer.MAX_VALUE);
            open.append(epoch, from, next, withoutRecords(from, next, epoch));
            from = next;
        }
    }

    /** A batch as Kafka leaves it where compaction took every record. */
    static ByteBuffer withoutRecords(long base, long next, int epoch) {
        ByteBuffer batch = ByteBuffer.allocate(BatchHeader.SIZE);
        batch.putLong(BatchHeader.BASE_OFFSET, base);
        batch.putInt(BatchHeader.LENGTH, BatchHeader.SIZE - BatchHeader.OVERHEAD);
        batch.putInt(BatchHeader.LEADER_EPOCH, epoch);
        batch.put(BatchHeader.MAGIC, (byte) 2);
        batch.putInt(BatchHeader.LAST_OFFSET_DELTA, (int) (next - base - 1));
        batch.putLong(BatchHeader.BASE_TIMESTAMP, -1);
        batch.putLong(BatchHeader.MAX_TIMESTAMP, -1);
        batch.putLong(BatchHeader.PRODUCER_ID, -1);
        batch.putShort(BatchHeader.PRODUCER_EPOCH, (short) -1);
        batch.putInt(BatchHeader.BASE_SEQUENCE, -1);
        var crc = new CRC32C();
        crc.update(batch.slice(BatchHeader.ATTRIBUTES, BatchHeader.SIZE - BatchHeader.ATTRIBUTES));
        batch.putInt(BatchHeader.CRC, (int) crc.getValue());
        return batch;
    }
}
