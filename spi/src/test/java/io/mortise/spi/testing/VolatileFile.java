// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;

/**
 * Content of one file of a {@link VolatileFileLayer}: what is seen, and what the medium has.
 * Guarded by the layer.
 */
final class VolatileFile {
    private static final int SECTOR = 512;

    private byte[] seen = new byte[0];
    private int size;
    private byte[] medium = new byte[0];
    private int mediumSize;
    private final BitSet dirty = new BitSet();

    int size() {
        return size;
    }

    int read(ByteBuffer target, long position) {
        if (position >= size) {
            return -1;
        }
        int length = (int) Math.min(target.remaining(), size - position);
        target.put(seen, (int) position, length);
        return length;
    }

    void write(ByteBuffer source, int position) {
        int length = source.remaining();
        if (length == 0) {
            return;
        }
        resize(Math.max(size, position + length));
        source.get(seen, position, length);
        dirty.set(position / SECTOR, (position + length - 1) / SECTOR + 1);
    }

    void resize(int newSize) {
        if (newSize > seen.length) {
            seen = Arrays.copyOf(seen, Math.max(newSize, seen.length * 2));
        }
        if (newSize < size) {
            Arrays.fill(seen, newSize, size, (byte) 0);
            dirty.set(newSize / SECTOR, (size - 1) / SECTOR + 1);
        }
        size = newSize;
    }

    void force() {
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            keep(sector);
        }
        dirty.clear();
        mediumSize = size;
        if (medium.length > size) {
            Arrays.fill(
                    medium,
                    size,
                    medium.length,
                    (byte) 0); // a file system never shows what was cut off
        }
    }

    /** As Linux does: what could not be written counts as clean, and no later force writes it. */
    void failForce() {
        dirty.clear();
    }

    void crash(String path, Survival survival) {
        int survivingSize = survival.size(path, mediumSize, size);
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            if (survival.sector(path, sector)) {
                keep(sector);
            }
        }
        mediumSize = survivingSize;
        medium = Arrays.copyOf(medium, mediumSize);
        seen = medium.clone();
        size = mediumSize;
        dirty.clear();
    }

    /** What was forced, and what is seen of it, once more. */
    VolatileFile copy() {
        var copy = new VolatileFile();
        copy.seen = Arrays.copyOf(seen, size);
        copy.size = size;
        copy.medium = medium.clone();
        copy.mediumSize = mediumSize;
        copy.dirty.or(dirty);
        return copy;
    }

    /** Some dirty sectors reach the medium before anybody asks for it. */
    void writeBack(Random random) {
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            if (random.nextBoolean()) {
                keep(sector);
            }
        }
    }

    /** As {@link #failForce}, and part of what was lost is no longer seen either. */
    void dropDirty(Random random) {
        for (int sector = dirty.nextSetBit(0); sector >= 0; sector = dirty.nextSetBit(sector + 1)) {
            if (random.nextBoolean()) {
                forget(sector);
            }
        }
        dirty.clear();
    }

    private void forget(int sector) {
        int from = sector * SECTOR;
        int to = Math.min(from + SECTOR, size);
        if (to > from) {
            Arrays.fill(seen, from, to, (byte) 0);
            int known = Math.min(to, medium.length);
            if (known > from) {
                System.arraycopy(medium, from, seen, from, known - from);
            }
        }
    }

    /** All bytes that are seen. */
    byte[] bytes() {
        return Arrays.copyOf(seen, size);
    }

    /** Puts bytes there on the medium and in memory, as no write does. */
    void damage(int position, byte[] bytes) {
        int length = Math.min(bytes.length, size - position);
        System.arraycopy(bytes, 0, seen, position, length);
        int durable = Math.min(length, medium.length - position);
        if (durable > 0) {
            System.arraycopy(bytes, 0, medium, position, durable);
        }
    }

    void flipBit(int position, int bit) {
        seen[position] ^= (byte) (1 << bit);
        if (position < medium.length) {
            medium[position] ^= (byte) (1 << bit);
        }
    }

    private void keep(int sector) {
        int from = sector * SECTOR;
        int to = Math.min(from + SECTOR, seen.length);
        if (to > medium.length) {
            medium = Arrays.copyOf(medium, Math.max(to, medium.length * 2));
        }
        if (to > from) {
            System.arraycopy(seen, from, medium, from, to - from);
        }
    }
}
