// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.storage.LogExtent;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The extents of a log, in memory: sealed ones, and the one that grows at the end, which is not
 * there while nothing was added to it. Changed before it is published only: a copy costs nothing.
 */
final class LogExtents {
    private List<LogExtent> sealed;
    private long base;
    private long end;
    private long bytes;
    private long maxTimestampMillis = -1;

    /**
     * Nothing grows yet.
     *
     * @param offset where it begins if nothing is sealed
     */
    LogExtents(long offset, List<LogExtent> sealed) {
        this.sealed = List.copyOf(sealed);
        base = sealed.isEmpty() ? offset : sealed.getLast().endOffset();
        end = base;
    }

    LogExtents copy() {
        var copy = new LogExtents(base, sealed);
        copy.base = base;
        copy.end = end;
        copy.bytes = bytes;
        copy.maxTimestampMillis = maxTimestampMillis;
        return copy;
    }

    /** Whether so much more would make the growing one greater than it should be. */
    boolean full(int length, int extentBytes) {
        return bytes > 0 && bytes + length > extentBytes;
    }

    /** Adds a batch that ends where the log ends then. */
    void add(int length, long newEnd, long timestampMillis) {
        bytes += length;
        end = newEnd;
        maxTimestampMillis = Math.max(maxTimestampMillis, timestampMillis);
    }

    /** The log goes on behind a gap. */
    void end(long offset) {
        end = offset;
    }

    /** Ends the growing one; gives it. */
    LogExtent seal() {
        var done = new LogExtent(base, end, bytes, maxTimestampMillis);
        var more = new ArrayList<>(sealed);
        more.add(done);
        sealed = List.copyOf(more);
        base = end;
        bytes = 0;
        maxTimestampMillis = -1;
        return done;
    }

    /** Forgets those that end at or before an offset, all if that is where the log ends. */
    void dropBelow(long offset) {
        sealed = sealed.stream().filter(extent -> extent.endOffset() > offset).toList();
        if (offset >= end) {
            base = end;
            bytes = 0;
            maxTimestampMillis = -1;
        }
    }

    /** Forgets those that end past an offset; the growing one begins where the last one ends. */
    void cut(long offset) {
        for (LogExtent extent : sealed) {
            if (extent.endOffset() > offset) {
                base = Math.min(base, extent.baseOffset());
            }
        }
        base = Math.min(base, offset);
        sealed = sealed.stream().filter(extent -> extent.endOffset() <= offset).toList();
        end = base;
        bytes = 0;
        maxTimestampMillis = -1;
    }

    /** Sealed extents that hold offsets of a range. */
    List<LogExtent> within(long from, long to) {
        return sealed.stream()
                .filter(extent -> extent.endOffset() > from && extent.baseOffset() < to)
                .toList();
    }

    /** Puts others in the place of sealed ones; false if those are there no more. */
    boolean swap(List<LogExtent> old, List<LogExtent> fresh) {
        int at = sealed.indexOf(old.getFirst());
        boolean same =
                at >= 0
                        && at + old.size() <= sealed.size()
                        && sealed.subList(at, at + old.size()).equals(old);
        if (same) {
            var swapped = new ArrayList<>(sealed);
            swapped.subList(at, at + old.size()).clear();
            swapped.addAll(at, fresh);
            sealed = List.copyOf(swapped);
        }
        return same;
    }

    /** First offset of the first one. */
    long firstBase() {
        return sealed.isEmpty() ? base : sealed.getFirst().baseOffset();
    }

    /** First offset of the growing one. */
    long growingBase() {
        return base;
    }

    /** Whether the growing one reaches below an offset. */
    boolean growsBelow(long offset) {
        return base < end && base < offset;
    }

    List<LogExtent> list() {
        var all = new ArrayList<>(sealed);
        if (base < end) {
            all.add(new LogExtent(base, end, bytes, maxTimestampMillis));
        }
        return all;
    }

    static byte[] encode(LogExtent extent) {
        return ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(extent.endOffset())
                .putLong(extent.sizeBytes())
                .putLong(extent.maxTimestampMillis())
                .array();
    }

    static LogExtent decode(long base, byte[] value) {
        ByteBuffer from = ByteBuffer.wrap(value);
        return new LogExtent(base, from.getLong(), from.getLong(), from.getLong());
    }
}
