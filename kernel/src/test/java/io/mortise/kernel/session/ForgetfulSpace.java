// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.storage.KeyValueBatch;
import io.mortise.spi.storage.KeyValueSpace;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/** Ordered keys in memory that lose some of their last writes when the process dies. */
final class ForgetfulSpace implements KeyValueSpace {
    private final List<KeyValueBatch> writes = new ArrayList<>();
    private TreeMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);

    /** Forgets up to so many of the last writes. */
    void crash(Random random, int most) {
        int kept = Math.max(0, writes.size() - random.nextInt(most + 1));
        writes.subList(kept, writes.size()).clear();
        map = new TreeMap<>(Arrays::compareUnsigned);
        writes.forEach(this::apply);
    }

    int size() {
        return map.size();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        byte[] value = map.get(key);
        return value == null ? null : value.clone();
    }

    @Override
    public void write(KeyValueBatch batch) {
        writes.add(batch);
        apply(batch);
    }

    private void apply(KeyValueBatch batch) {
        for (KeyValueBatch.Change change : batch.changes()) {
            switch (change) {
                case KeyValueBatch.Put put -> map.put(put.key(), put.value());
                case KeyValueBatch.Delete delete -> map.remove(delete.key());
                case KeyValueBatch.DeleteRange range ->
                        range(map, range.from(), range.to()).clear();
            }
        }
    }

    private static NavigableMap<byte[], byte[]> range(
            NavigableMap<byte[], byte[]> map, byte[] from, byte @Nullable [] to) {
        return to == null ? map.tailMap(from, true) : map.subMap(from, true, to, false);
    }

    @Override
    public Snapshot snapshot() {
        TreeMap<byte[], byte[]> seen = new TreeMap<>(map);
        return new Snapshot() {
            @Override
            public byte @Nullable [] get(byte[] key) {
                return seen.get(key);
            }

            @Override
            public Cursor scan(byte[] from, byte @Nullable [] to) {
                return new Scan(range(seen, from, to).entrySet().iterator());
            }

            @Override
            public void close() {}
        };
    }

    private static final class Scan implements Cursor {
        private final Iterator<Map.Entry<byte[], byte[]>> each;
        private Map.@Nullable Entry<byte[], byte[]> at;

        Scan(Iterator<Map.Entry<byte[], byte[]>> each) {
            this.each = each;
        }

        @Override
        public boolean next() {
            at = each.hasNext() ? each.next() : null;
            return at != null;
        }

        @Override
        public byte[] key() {
            return java.util.Objects.requireNonNull(at).getKey();
        }

        @Override
        public byte[] value() {
            return java.util.Objects.requireNonNull(at).getValue();
        }

        @Override
        public void close() {}
    }

    @Override
    public void close() {}
}
