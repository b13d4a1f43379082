// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

import java.io.IOException;

/**
 * Keys in order, each with a value: what an index that can be made anew from a log is kept in. Keys
 * are compared as unsigned bytes; none is empty. Any thread; a write is seen by every read that
 * begins after it returned.
 *
 * <p>Writes are not forced. After a crash a persistent space holds what a prefix of the writes, in
 * their order, left: each batch whole or not at all. So an index puts the offset that it has come
 * to into the same batch, and goes on from there.
 */
@ConsumerType
public interface KeyValueSpace extends AutoCloseable {
    /** The value of a key, a copy; null if there is none. */
    byte @Nullable [] get(byte[] key) throws IOException;

    /** Applies a batch, all or nothing, to readers and over a crash. The batch is borrowed. */
    void write(KeyValueBatch batch) throws IOException;

    /** The space as it is now, whatever is written later. The caller closes it. */
    Snapshot snapshot() throws IOException;

    /** Ends the use of the space; its snapshots are closed with it. What it holds stays. */
    @Override
    void close() throws IOException;

    /** A state of the space. One thread at a time. */
    @ConsumerType
    interface Snapshot extends AutoCloseable {
        /** The value of a key, a copy; null if there is none. */
        byte @Nullable [] get(byte[] key) throws IOException;

        /**
         * Walks keys upwards.
         *
         * @param from the first key, included; empty for the first of all
         * @param to the last key, excluded; null for no end
         * @return before the first key; ends with the snapshot, or when it is closed
         */
        Cursor scan(byte[] from, byte @Nullable [] to) throws IOException;

        @Override
        void close();
    }

    /** A place in a scan. One thread at a time. */
    @ConsumerType
    interface Cursor extends AutoCloseable {
        /** Steps to the next key; false, for good, at the end. */
        boolean next() throws IOException;

        /** The key that {@link #next} stepped to, a copy. */
        byte[] key() throws IOException;

        /** Its value, a copy. */
        byte[] value() throws IOException;

        @Override
        void close();
    }
}
