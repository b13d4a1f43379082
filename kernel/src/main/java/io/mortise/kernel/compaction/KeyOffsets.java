// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

import io.netty.buffer.ByteBuf;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The last offset of every key, within a bound of memory: keys are held as 128 bits of their
 * SHA-256, so that nobody can make two of them meet, in an open table that grows up to the bound.
 * Not thread-safe.
 */
public final class KeyOffsets {
    private static final int LONGS = 3;
    private static final int SLOT_BYTES = LONGS * Long.BYTES;
    private static final int FEWEST_SLOTS = 1 << 10;
    private static final int DIGEST_BYTES = 32;
    private static final int LOAD_PERCENT = 75;

    private final int mostSlots;
    private final MessageDigest digest;
    private final byte[] hashed = new byte[DIGEST_BYTES];
    private final ByteBuffer hash = ByteBuffer.wrap(hashed);

    /** Two longs of hash, then the offset and one; 0 for a free slot. */
    private long[] table;

    private int slots = FEWEST_SLOTS;
    private int size;
    private long latestOffset = -1;

    /**
     * @param maxBytes of the table; while it grows its old half lives beside it
     */
    public KeyOffsets(long maxBytes) {
        long most = Math.max(FEWEST_SLOTS, Math.min(1 << 26, maxBytes * 2 / 3 / SLOT_BYTES));
        this.mostSlots = (int) Long.highestOneBit(most);
        this.table = new long[FEWEST_SLOTS * LONGS];
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Whether another key would go past the bound. */
    public boolean full() {
        return slots >= mostSlots && size >= threshold(slots);
    }

    private static int threshold(int slots) {
        return (int) (slots * (long) LOAD_PERCENT / 100);
    }

    /** How many keys it holds. */
    public int size() {
        return size;
    }

    /** Everything up to here was put in, or needs not to be; -1 at first. */
    public long latestOffset() {
        return latestOffset;
    }

    /** Notes that everything up to {@code offset} is in. */
    public void reached(long offset) {
        latestOffset = Math.max(latestOffset, offset);
    }

    /**
     * Remembers a key's offset, which is above those it had.
     *
     * @param keyLength -1 for no key, which is one of its own
     */
    public void put(ByteBuf bytes, int keyIndex, int keyLength, long offset) {
        if (size >= threshold(slots)) {
            grow();
        }
        hash(bytes, keyIndex, keyLength);
        int at = slot(table, hash.getLong(0), hash.getLong(Long.BYTES));
        if (table[at + 2] == 0) {
            size++;
        }
        table[at] = hash.getLong(0);
        table[at + 1] = hash.getLong(Long.BYTES);
        table[at + 2] = offset + 1;
    }

    /** The last offset of a key; -1 if it is unknown. */
    public long get(ByteBuf bytes, int keyIndex, int keyLength) {
        hash(bytes, keyIndex, keyLength);
        return table[slot(table, hash.getLong(0), hash.getLong(Long.BYTES)) + 2] - 1;
    }

    private void hash(ByteBuf bytes, int index, int length) {
        if (length < 0) {
            Arrays.fill(hashed, (byte) -1);
            return;
        }
        if (bytes.hasArray()) {
            digest.update(bytes.array(), bytes.arrayOffset() + index, length);
        } else {
            digest.update(bytes.nioBuffer(index, length));
        }
        try {
            digest.digest(hashed, 0, DIGEST_BYTES);
        } catch (DigestException e) {
            throw new IllegalStateException("room was given", e);
        }
    }

    private static int slot(long[] in, long first, long second) {
        int mask = in.length / LONGS - 1;
        int slot = (int) first & mask;
        while (in[slot * LONGS + 2] != 0
                && (in[slot * LONGS] != first || in[slot * LONGS + 1] != second)) {
            slot = (slot + 1) & mask;
        }
        return slot * LONGS;
    }

    private void grow() {
        slots *= 2;
        long[] larger = new long[slots * LONGS];
        for (int from = 0; from < table.length; from += LONGS) {
            if (table[from + 2] != 0) {
                System.arraycopy(
                        table, from, larger, slot(larger, table[from], table[from + 1]), LONGS);
            }
        }
        table = larger;
    }
}
