// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogExtent;

import org.rocksdb.RocksDBException;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The extents that take the place of others when batches of theirs are replaced: what lay before
 * the range, the new batches, what lay behind it. One thread.
 */
final class Replacement {
    private final String log;
    private final int extentBytes;
    private final long from;
    private final long to;
    private final List<LogExtent> extents = new ArrayList<>();
    private long base;
    private long bytes;
    private long maxTimestampMillis = -1;

    Replacement(String log, long base, int extentBytes, long from, long to) {
        this.log = log;
        this.base = base;
        this.extentBytes = extentBytes;
        this.from = from;
        this.to = to;
    }

    /** Walks the old batches up to {@code end}, with the new ones in place of the range. */
    void measure(BatchWalk old, List<ByteBuffer> batches, long end) throws RocksDBException {
        boolean replaced = false;
        for (; old.isValid() && old.lastOffset() < end; old.next()) {
            if (!replaced && old.lastOffset() >= from) {
                replaced = true;
                batches.forEach(this::addRun);
            }
            boolean outside = old.lastOffset() < from || old.baseOffset() >= to;
            if (outside) {
                add(old.baseOffset(), old.sizeInBytes(), old.maxTimestamp());
            } else if (old.baseOffset() < from || old.lastOffset() >= to) {
                throw new IllegalArgumentException(
                        "log "
                                + log
                                + ": "
                                + from
                                + " or "
                                + to
                                + " is no boundary between batches");
            }
        }
        if (!replaced) {
            batches.forEach(this::addRun);
        }
        extents.add(new LogExtent(base, end, bytes, maxTimestampMillis));
    }

    private void addRun(ByteBuffer run) {
        for (int at = run.position(); at < run.limit(); ) {
            int size = BatchHeader.sizeInBytes(run, at);
            add(BatchHeader.baseOffset(run, at), size, BatchHeader.maxTimestamp(run, at));
            at += size;
        }
    }

    private void add(long offset, int size, long timestampMillis) {
        if (bytes > 0 && bytes + size > extentBytes) {
            extents.add(new LogExtent(base, offset, bytes, maxTimestampMillis));
            base = offset;
            bytes = 0;
            maxTimestampMillis = -1;
        }
        bytes += size;
        maxTimestampMillis = Math.max(maxTimestampMillis, timestampMillis);
    }

    List<LogExtent> extents() {
        return List.copyOf(extents);
    }
}
