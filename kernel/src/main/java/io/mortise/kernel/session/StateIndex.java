// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.spi.TopicId;
import io.mortise.spi.storage.KeyValueBatch;
import io.mortise.spi.storage.KeyValueSpace;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * States of a {@link StateLog} in ordered keys, as they were when the log had come to a checkpoint:
 * made anew from the log whenever in doubt. Each key begins with the shard 1 and a kind 1. Any
 * thread; everything may block.
 */
final class StateIndex {
    private static final int FORMAT = 1;
    private static final byte CHECKPOINT = 0;
    private static final byte STATE = 1;
    private static final byte AWAKE = 2;
    private static final byte DEADLINE = 3;
    private static final byte END = 4;
    private static final byte[] NOTHING = {};
    private static final int CHECKPOINT_BYTES = 4 + 16 + 4 + 8 + 8;
    private static final int ROW_HEADER = 1 + 8 + 4;

    private final KeyValueSpace space;

    StateIndex(KeyValueSpace space) {
        this.space = space;
    }

    /**
     * How far the states of a shard follow their log.
     *
     * @param epoch that the log was led under
     * @param atMillis when that was
     */
    record Checkpoint(TopicId topic, int epoch, long offset, long atMillis) {}

    /**
     * How a state lies here.
     *
     * @param there whether it does at all
     * @param awake whether it is wanted in memory
     * @param deadlineMillis when it wants to be looked at; {@link Long#MAX_VALUE} for never
     */
    record Row(boolean there, boolean awake, long deadlineMillis) {
        static final Row ABSENT = new Row(false, false, Long.MAX_VALUE);
    }

    /**
     * A state as it is read.
     *
     * @param nextSlot of its changes in the log
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Found(Row row, int nextSlot, byte[] state) {}

    /** Null if nothing that this version understands is known of the shard. */
    @Nullable Checkpoint checkpoint(int shard) throws IOException {
        byte[] bytes = space.get(key(shard, CHECKPOINT, NOTHING));
        if (bytes == null || bytes.length != CHECKPOINT_BYTES) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (in.getInt() != FORMAT) {
            return null;
        }
        UUID topic = new UUID(in.getLong(), in.getLong());
        return new Checkpoint(new TopicId(topic), in.getInt(), in.getLong(), in.getLong());
    }

    @Nullable Found get(int shard, String name) throws IOException {
        byte[] bytes = space.get(key(shard, STATE, name.getBytes(UTF_8)));
        if (bytes == null) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Row row = new Row(true, in.get() != 0, in.getLong());
        int nextSlot = in.getInt();
        byte[] state = new byte[in.remaining()];
        in.get(state);
        return new Found(row, nextSlot, state);
    }

    /** Keys of the states that are wanted in memory. */
    List<String> awake(int shard) throws IOException {
        List<String> names = new ArrayList<>();
        try (var snapshot = space.snapshot();
                var each =
                        snapshot.scan(key(shard, AWAKE, NOTHING), key(shard, DEADLINE, NOTHING))) {
            while (each.next()) {
                names.add(name(each.key(), 2));
            }
        }
        return names;
    }

    /** Sees deadlines. */
    interface DeadlineVisitor {
        void deadline(String name, long atMillis);
    }

    /** Shows the states that want to be looked at before a time. */
    void due(int shard, long beforeMillis, DeadlineVisitor visitor) throws IOException {
        byte[] to = key(shard, DEADLINE, bytes(beforeMillis));
        try (var snapshot = space.snapshot();
                var each = snapshot.scan(key(shard, DEADLINE, NOTHING), to)) {
            while (each.next()) {
                byte[] key = each.key();
                visitor.deadline(name(key, 2 + Long.BYTES), ByteBuffer.wrap(key).getLong(2));
            }
        }
    }

    /** Forgets a shard. */
    void clear(int shard) throws IOException {
        space.write(
                new KeyValueBatch()
                        .deleteRange(key(shard, CHECKPOINT, NOTHING), key(shard, END, NOTHING)));
    }

    void close() throws IOException {
        space.close();
    }

    /** Changes that are made together. One thread. */
    final class Changes {
        private final KeyValueBatch batch = new KeyValueBatch();
        private final int shard;

        Changes(int shard) {
            this.shard = shard;
        }

        void put(String name, Row before, Row row, int nextSlot, byte[] state) {
            byte[] key = name.getBytes(UTF_8);
            takeAside(key, before, row);
            ByteBuffer out = ByteBuffer.allocate(ROW_HEADER + state.length);
            out.put((byte) (row.awake() ? 1 : 0)).putLong(row.deadlineMillis()).putInt(nextSlot);
            out.put(state);
            batch.put(key(shard, STATE, key), out.array());
            if (row.awake()) {
                batch.put(key(shard, AWAKE, key), NOTHING);
            }
            if (row.deadlineMillis() < Long.MAX_VALUE) {
                batch.put(deadlineKey(key, row), NOTHING);
            }
        }

        void delete(String name, Row before) {
            byte[] key = name.getBytes(UTF_8);
            takeAside(key, before, Row.ABSENT);
            batch.delete(key(shard, STATE, key));
        }

        private void takeAside(byte[] key, Row before, Row after) {
            if (before.awake() && !after.awake()) {
                batch.delete(key(shard, AWAKE, key));
            }
            boolean moved = before.deadlineMillis() != after.deadlineMillis();
            if (moved && before.deadlineMillis() < Long.MAX_VALUE) {
                batch.delete(deadlineKey(key, before));
            }
        }

        private byte[] deadlineKey(byte[] key, Row row) {
            ByteBuffer out = ByteBuffer.allocate(Long.BYTES + key.length);
            return key(shard, DEADLINE, out.putLong(row.deadlineMillis()).put(key).array());
        }

        /** All of it, and how far the log has come with it. */
        void write(Checkpoint at) throws IOException {
            UUID topic = at.topic().uuid();
            ByteBuffer out = ByteBuffer.allocate(CHECKPOINT_BYTES).putInt(FORMAT);
            out.putLong(topic.getMostSignificantBits()).putLong(topic.getLeastSignificantBits());
            out.putInt(at.epoch()).putLong(at.offset()).putLong(at.atMillis());
            batch.put(key(shard, CHECKPOINT, NOTHING), out.array());
            space.write(batch);
        }
    }

    private static byte[] key(int shard, byte kind, byte[] rest) {
        byte[] key = new byte[2 + rest.length];
        key[0] = (byte) shard;
        key[1] = kind;
        System.arraycopy(rest, 0, key, 2, rest.length);
        return key;
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    private static String name(byte[] key, int from) {
        return new String(key, from, key.length - from, UTF_8);
    }
}
