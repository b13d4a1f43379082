// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.storage.KeyValueBatch;
import io.mortise.spi.storage.KeyValueSpace;

import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/** Keys behind the space's name and its length, so that no space reaches into another. */
final class RocksSpace implements KeyValueSpace {
    private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,200}");

    private final RocksEngine engine;
    private final String name;
    private final byte[] prefix;
    private final int generation;
    private final Set<State> states = ConcurrentHashMap.newKeySet();
    private volatile boolean open = true;

    RocksSpace(RocksEngine engine, String name, byte[] prefix, int generation) {
        this.engine = engine;
        this.name = name;
        this.prefix = prefix;
        this.generation = generation;
    }

    /** What all keys of a space begin with. */
    static byte[] prefix(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no name of a space: 1 to 200 of a-z 0-9 . _ -");
        }
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        byte[] prefix = new byte[bytes.length + 1];
        prefix[0] = (byte) bytes.length;
        System.arraycopy(bytes, 0, prefix, 1, bytes.length);
        return prefix;
    }

    /** The first key past all that begin with a prefix, the last byte of which is not 0xff. */
    static byte[] after(byte[] prefix) {
        byte[] after = prefix.clone();
        after[after.length - 1]++;
        return after;
    }

    String name() {
        return name;
    }

    private Database enter() throws IOException {
        if (!open) {
            throw new IllegalStateException("space " + name + " is closed");
        }
        return engine.enter(generation, "space " + name);
    }

    private IOException failed(RocksDBException cause) {
        return engine.failed("space " + name, cause);
    }

    private IOException unreadable(RocksDBException cause) {
        return new IOException("space " + name + ": " + RocksEngine.message(cause), cause);
    }

    private byte[] key(byte[] key) {
        byte[] whole = Arrays.copyOf(prefix, prefix.length + key.length);
        System.arraycopy(key, 0, whole, prefix.length, key.length);
        return whole;
    }

    private byte[] end(byte @Nullable [] to) {
        return to == null ? after(prefix) : key(to);
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
        Database database = enter();
        try {
            return database.rocks.get(database.spaces(), key(key));
        } catch (RocksDBException cause) {
            throw unreadable(cause);
        } finally {
            engine.leave();
        }
    }

    @Override
    public void write(KeyValueBatch batch) throws IOException {
        Database database = enter();
        try (var changes = new WriteBatch()) {
            for (KeyValueBatch.Change change : batch.changes()) {
                add(database, changes, change);
            }
            database.write(changes);
            database.flush(false); // what a killed process leaves is the more to go on from
        } catch (RocksDBException cause) {
            throw failed(cause);
        } finally {
            engine.leave();
        }
    }

    private void add(Database database, WriteBatch changes, KeyValueBatch.Change change)
            throws RocksDBException {
        switch (change) {
            case KeyValueBatch.Put put ->
                    changes.put(database.spaces(), key(put.key()), put.value());
            case KeyValueBatch.Delete delete ->
                    changes.delete(database.spaces(), key(delete.key()));
            case KeyValueBatch.DeleteRange range ->
                    changes.deleteRange(database.spaces(), key(range.from()), end(range.to()));
        }
    }

    @Override
    public Snapshot snapshot() throws IOException {
        Database database = enter();
        try {
            var state = new State(database);
            states.add(state);
            return state;
        } finally {
            engine.leave();
        }
    }

    @Override
    public void close() {
        open = false;
        states.forEach(State::close);
        engine.closed(this);
    }

    /** Gives native objects back, unless the database went, and they with it. */
    private void giveBack(AbstractNativeReference reference) {
        try {
            Database database = engine.enter(generation, "space " + name);
            try {
                database.giveBack(reference);
            } finally {
                engine.leave();
            }
        } catch (IOException | IllegalStateException gone) {
            // closing a database closes what it lent
        }
    }

    /**
     * One state of the space. Its lock keeps a space that is closed from taking native objects away
     * from who uses them.
     */
    private final class State implements Snapshot {
        private final org.rocksdb.Snapshot seen;
        private final ReadOptions options;
        private final Set<Place> places = ConcurrentHashMap.newKeySet();
        private final ReentrantLock use = new ReentrantLock();
        private boolean ended;

        State(Database database) {
            seen = database.rocks.getSnapshot();
            options = database.lend(new ReadOptions().setSnapshot(seen));
        }

        /** Nobody closes it until {@link #leave}. */
        @SuppressWarnings("LockNotBeforeTry") // who enters leaves
        private Database enter() throws IOException {
            use.lock();
            boolean entered = false;
            try {
                if (ended) {
                    throw new IllegalStateException("a snapshot of space " + name + " is closed");
                }
                Database database = RocksSpace.this.enter();
                entered = true;
                return database;
            } finally {
                if (!entered) {
                    use.unlock();
                }
            }
        }

        private void leave() {
            engine.leave();
            use.unlock();
        }

        @Override
        public byte @Nullable [] get(byte[] key) throws IOException {
            Database database = enter();
            try {
                return database.rocks.get(database.spaces(), options, key(key));
            } catch (RocksDBException cause) {
                throw unreadable(cause);
            } finally {
                leave();
            }
        }

        @Override
        public Cursor scan(byte[] from, byte @Nullable [] to) throws IOException {
            Database database = enter();
            try {
                var each = database.lend(database.rocks.newIterator(database.spaces(), options));
                var place = new Place(this, each, key(from), end(to));
                places.add(place);
                return place;
            } finally {
                leave();
            }
        }

        @Override
        public void close() {
            use.lock();
            try {
                if (!ended) {
                    ended = true;
                    states.remove(this);
                    places.forEach(Place::close);
                    release();
                    giveBack(options);
                }
            } finally {
                use.unlock();
            }
        }

        private void release() {
            try {
                Database database = engine.enter(generation, "space " + name);
                try {
                    database.rocks.releaseSnapshot(seen);
                } finally {
                    engine.leave();
                }
            } catch (IOException | IllegalStateException gone) {
                // it went with the database
            }
        }
    }

    private final class Place implements Cursor {
        private final State state;
        private final RocksIterator each;
        private final byte[] from;
        private final byte[] to;
        private boolean begun;
        private boolean on;
        private boolean ended;

        Place(State state, RocksIterator each, byte[] from, byte[] to) {
            this.state = state;
            this.each = each;
            this.from = from;
            this.to = to;
        }

        @Override
        public boolean next() throws IOException {
            enter();
            try {
                if (!begun) {
                    begun = true;
                    each.seek(from);
                    on = true;
                } else if (on) {
                    each.next();
                }
                on = on && each.isValid() && Arrays.compareUnsigned(each.key(), to) < 0;
                each.status();
                return on;
            } catch (RocksDBException cause) {
                throw unreadable(cause);
            } finally {
                state.leave();
            }
        }

        private void enter() throws IOException {
            state.enter();
            if (ended) {
                state.leave();
                throw new IllegalStateException("a scan of space " + name + " is closed");
            }
        }

        private void enterAtKey() throws IOException {
            enter();
            if (!on) {
                state.leave();
                throw new IllegalStateException("a scan of space " + name + " is at no key");
            }
        }

        @Override
        public byte[] key() throws IOException {
            enterAtKey();
            try {
                byte[] whole = each.key();
                return Arrays.copyOfRange(whole, prefix.length, whole.length);
            } finally {
                state.leave();
            }
        }

        @Override
        public byte[] value() throws IOException {
            enterAtKey();
            try {
                return each.value();
            } finally {
                state.leave();
            }
        }

        @Override
        public void close() {
            state.use.lock();
            try {
                if (!ended) {
                    ended = true;
                    state.places.remove(this);
                    giveBack(each);
                }
            } finally {
                state.use.unlock();
            }
        }
    }
}
