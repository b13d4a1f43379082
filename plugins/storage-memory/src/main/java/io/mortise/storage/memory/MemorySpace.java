// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.storage.KeyValueBatch;
import io.mortise.spi.storage.KeyValueSpace;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A sorted map. The first write after a snapshot copies it, so the snapshot keeps the old one; the
 * keys and values themselves are shared and never written to.
 */
final class MemorySpace implements KeyValueSpace {
    /** What an entry costs beside its bytes, about. */
    private static final int ENTRY = 112;

    private final String name;
    private final MemoryBudget budget;
    private final Set<State> states = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private NavigableMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);
    private boolean shared;
    private boolean open;
    private int bytes;

    MemorySpace(String name, MemoryBudget budget) {
        this.name = name;
        this.budget = budget;
    }

    void open() {
        lock.lock();
        try {
            if (open) {
                throw new IllegalStateException("space " + name + " is already open");
            }
            open = true;
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("space " + name + " is closed");
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        lock.lock();
        try {
            requireOpen();
            return copy(map.get(key));
        } finally {
            lock.unlock();
        }
    }

    private static byte @Nullable [] copy(byte @Nullable [] value) {
        return value == null ? null : value.clone();
    }

    @Override
    public void write(KeyValueBatch batch) throws IOException {
        lock.lock();
        try {
            requireOpen();
            int most = 0;
            for (KeyValueBatch.Change change : batch.changes()) {
                most += change instanceof KeyValueBatch.Put put ? size(put.key(), put.value()) : 0;
            }
            budget.take("space " + name, most);
            int before = bytes;
            if (shared) {
                map = new TreeMap<>(map);
                shared = false;
            }
            batch.changes().forEach(this::apply);
            budget.give(most - (bytes - before));
        } finally {
            lock.unlock();
        }
    }

    private static int size(byte[] key, byte[] value) {
        return ENTRY + key.length + value.length;
    }

    private void apply(KeyValueBatch.Change change) {
        switch (change) {
            case KeyValueBatch.Put put -> {
                remove(put.key());
                map.put(put.key(), put.value());
                bytes += size(put.key(), put.value());
            }
            case KeyValueBatch.Delete delete -> remove(delete.key());
            case KeyValueBatch.DeleteRange range -> {
                var gone = range(map, range.from(), range.to());
                gone.forEach((key, value) -> bytes -= size(key, value));
                gone.clear();
            }
        }
    }

    private void remove(byte[] key) {
        byte[] old = map.remove(key);
        bytes -= old == null ? 0 : size(key, old);
    }

    private static NavigableMap<byte[], byte[]> range(
            NavigableMap<byte[], byte[]> map, byte[] from, byte @Nullable [] to) {
        return to == null ? map.tailMap(from, true) : map.subMap(from, true, to, false);
    }

    @Override
    public Snapshot snapshot() {
        lock.lock();
        try {
            requireOpen();
            shared = true;
            var state = new State(map);
            states.add(state);
            return state;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            open = false;
        } finally {
            lock.unlock();
        }
        states.forEach(State::close);
    }

    /** Gives its bytes back. */
    void delete() {
        lock.lock();
        try {
            if (open) {
                throw new IllegalStateException("space " + name + " is open and cannot be deleted");
            }
            budget.give(bytes);
            bytes = 0;
            map = new TreeMap<>(Arrays::compareUnsigned);
        } finally {
            lock.unlock();
        }
    }

    private final class State implements Snapshot {
        private final NavigableMap<byte[], byte[]> seen;
        private volatile boolean ended;

        State(NavigableMap<byte[], byte[]> seen) {
            this.seen = seen;
        }

        private void require() {
            if (ended) {
                throw new IllegalStateException("a snapshot of space " + name + " is closed");
            }
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            require();
            return copy(seen.get(key));
        }

        @Override
        public Cursor scan(byte[] from, byte @Nullable [] to) {
            require();
            return new Place(this, range(seen, from, to).entrySet().iterator());
        }

        @Override
        public void close() {
            ended = true;
            states.remove(this);
        }
    }

    private final class Place implements Cursor {
        private final State state;
        private final Iterator<Map.Entry<byte[], byte[]>> each;
        private Map.@Nullable Entry<byte[], byte[]> at;
        private boolean ended;

        Place(State state, Iterator<Map.Entry<byte[], byte[]>> each) {
            this.state = state;
            this.each = each;
        }

        private void require() {
            state.require();
            if (ended) {
                throw new IllegalStateException("a scan of space " + name + " is closed");
            }
        }

        private Map.Entry<byte[], byte[]> entry() {
            require();
            Map.Entry<byte[], byte[]> entry = at;
            if (entry == null) {
                throw new IllegalStateException("a scan of space " + name + " is at no key");
            }
            return entry;
        }

        @Override
        public boolean next() {
            require();
            at = each.hasNext() ? each.next() : null;
            return at != null;
        }

        @Override
        public byte[] key() {
            return entry().getKey().clone();
        }

        @Override
        public byte[] value() {
            return entry().getValue().clone();
        }

        @Override
        public void close() {
            ended = true;
        }
    }
}
