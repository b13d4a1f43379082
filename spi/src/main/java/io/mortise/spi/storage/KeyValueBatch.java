// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Changes of a {@link KeyValueSpace} that happen together, in the order in which they were added.
 * Keys and values are copied on the way in. One thread.
 */
public final class KeyValueBatch {
    /** One change. Its arrays are not to be written to. */
    public sealed interface Change {}

    /** A key gets a value. */
    public record Put(byte[] key, byte[] value) implements Change {}

    /** A key goes, if it is there. */
    public record Delete(byte[] key) implements Change {}

    /**
     * All keys of a range go.
     *
     * @param from included; may be empty
     * @param to excluded; null for no end
     */
    public record DeleteRange(byte[] from, byte @Nullable [] to) implements Change {}

    private final List<Change> changes = new ArrayList<>();

    /** Gives a key a value, instead of the one that it may have. */
    public KeyValueBatch put(byte[] key, byte[] value) {
        changes.add(new Put(checked(key), value.clone()));
        return this;
    }

    /** Takes a key away. */
    public KeyValueBatch delete(byte[] key) {
        changes.add(new Delete(checked(key)));
        return this;
    }

    /**
     * Takes all keys of a range away.
     *
     * @param from included; empty for the first of all
     * @param to excluded; null for no end
     * @throws IllegalArgumentException {@code to} lies before {@code from}
     */
    public KeyValueBatch deleteRange(byte[] from, byte @Nullable [] to) {
        if (to != null && Arrays.compareUnsigned(from, to) > 0) {
            throw new IllegalArgumentException("a range of keys must not end before it begins");
        }
        changes.add(new DeleteRange(from.clone(), to == null ? null : to.clone()));
        return this;
    }

    private static byte[] checked(byte[] key) {
        if (key.length == 0) {
            throw new IllegalArgumentException("a key has at least one byte");
        }
        return key.clone();
    }

    /** What was added, in order. */
    public List<Change> changes() {
        return List.copyOf(changes);
    }
}
