// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.kernel.record.RecordCursor;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The records of a compacted partition, one by one, and what compaction may have taken of them: one
 * whose key has a later record, and a tombstone that is old enough.
 */
final class KeyedRecords {
    /** How long tombstones stay at least. */
    static final long TOMBSTONE_MILLIS = 20_000;

    static final int KEYS = 8;

    /** As {@link Row#value}, of a tombstone. */
    private static final long TOMBSTONE = -1;

    private record Row(int key, long value, long placedMillis) {}

    private final World world;
    private final RecordCursor cursor = new RecordCursor();

    /** By offset. */
    private final List<Row> rows = new ArrayList<>();

    /** Below, anything may be gone: its level did not promise otherwise. */
    private long unpromised;

    KeyedRecords(World world) {
        this.world = world;
    }

    /** A batch that was appended got this place. */
    void placed(ByteBuffer batch, long base) {
        ByteBuf bytes = Unpooled.wrappedBuffer(batch);
        cursor.reset(bytes, 0);
        while (cursor.next()) {
            rows.add(new Row(key(bytes), value(bytes), world.wallMillis()));
        }
        if (rows.size() != base + BatchHeader.lastOffset(batch, 0) + 1) {
            throw new IllegalStateException("batches without gaps make rows without gaps");
        }
    }

    private int key(ByteBuf bytes) {
        return bytes.getByte(cursor.keyIndex());
    }

    private long value(ByteBuf bytes) {
        return cursor.valueLength() < 0
                ? TOMBSTONE
                : bytes.getLong(cursor.valueIndex()) << 8
                        | bytes.getInt(cursor.valueIndex() + Long.BYTES);
    }

    /** Nothing is left from there on. */
    void cut(long end) {
        rows.subList((int) Math.min(end, rows.size()), rows.size()).clear();
        unpromised = Math.min(unpromised, end);
    }

    void unpromised() {
        unpromised = rows.size();
    }

    /**
     * Checks the batch at {@code at} of what a reader got that has read up to {@code from}.
     *
     * @param latest takes in the values, by key
     */
    void check(ByteBuffer batches, int at, long from, @Nullable Served latest) {
        int size = BatchHeader.sizeInBytes(batches, at);
        ByteBuf bytes = Unpooled.wrappedBuffer(batches.slice(at, size));
        cursor.reset(bytes, 0);
        long next = from;
        while (cursor.next()) {
            long offset = cursor.offset();
            keeps(offset < rows.size(), "nothing invented is served", offset);
            Row row = rows.get((int) offset);
            boolean same = row.key() == key(bytes) && row.value() == value(bytes);
            keeps(same, "records are served as they were appended", offset);
            if (offset >= from) {
                gone(next, offset);
                next = offset + 1;
                if (latest != null) {
                    latest.offsets[row.key()] = offset;
                }
            }
        }
        keeps(!cursor.malformed(), "batches can be read", from);
        gone(next, BatchHeader.lastOffset(batches, at) + 1);
    }

    /** Checks that the records from {@code from} to below {@code to} may be gone. */
    void gone(long from, long to) {
        for (long offset = Math.max(from, unpromised); offset < to; offset++) {
            keeps(mayBeGone(offset), "the last of a key stays", offset);
        }
    }

    /** Where the first record lies, from {@code offset} on, that must be there. */
    long passGone(long offset) {
        long next = offset;
        while (next < rows.size() && mayBeGone(next)) {
            next++;
        }
        return next;
    }

    private boolean mayBeGone(long offset) {
        Row row = rows.get((int) offset);
        boolean old =
                row.value() == TOMBSTONE
                        && world.wallMillis() >= row.placedMillis() + TOMBSTONE_MILLIS;
        return old || lastOf(row.key()) > offset;
    }

    private long lastOf(int key) {
        int offset = rows.size() - 1;
        while (offset >= 0 && rows.get(offset).key() != key) {
            offset--;
        }
        return offset;
    }

    /** Everything was read: each key has the value that it was given last. */
    void checkAll(Served served, PartitionHistory history) {
        for (int key = 0; key < KEYS; key++) {
            long last = lastOf(key);
            if (last < unpromised || last < served.from || history.behindDamage(last) > last) {
                continue;
            }
            boolean deleted = rows.get((int) last).value() == TOMBSTONE;
            long found = served.offsets[key];
            keeps(found == last || (deleted && found < 0), "each key has its last value", found);
        }
    }

    /** The last offset of each key that a reader of all was served; -1 for none. */
    static final class Served {
        private final long[] offsets = new long[KEYS];
        private final long from;

        Served(long from) {
            this.from = from;
            Arrays.fill(offsets, -1);
        }
    }

    private void keeps(boolean kept, String promise, long offset) {
        Violation.unless(kept, promise, "compacted, " + rows.size() + " rows", offset, unpromised);
    }
}
