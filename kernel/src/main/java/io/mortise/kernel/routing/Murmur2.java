// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

import io.netty.buffer.ByteBuf;

/** The hash that Kafka's Java client places keyed records with. */
public final class Murmur2 {
    private static final int SEED = 0x9747b28c;
    private static final int M = 0x5bd1e995;

    private Murmur2() {}

    /** The partition of {@code count} that Kafka's Java client picks for this key. */
    public static int partition(byte[] key, int from, int length, int count) {
        return (hash(key, from, length) & Integer.MAX_VALUE) % count;
    }

    /** As {@link #partition(byte[], int, int, int)} for {@code length} bytes at {@code index}. */
    public static int partition(ByteBuf key, int index, int length, int count) {
        return (hash(key, index, length) & Integer.MAX_VALUE) % count;
    }

    /** The hash of a part of an array. */
    public static int hash(byte[] data, int from, int length) {
        int h = SEED ^ length;
        int end = from + (length & ~3);
        for (int i = from; i < end; i += 4) {
            int word =
                    (data[i] & 0xff)
                            | (data[i + 1] & 0xff) << 8
                            | (data[i + 2] & 0xff) << 16
                            | (data[i + 3] & 0xff) << 24;
            h = mix(h, word);
        }
        int rest = 0;
        for (int i = (length & 3) - 1; i >= 0; i--) {
            rest = rest << 8 | (data[end + i] & 0xff);
        }
        return finish(h, rest, length);
    }

    /** The hash of {@code length} bytes at {@code index}, which is absolute. */
    public static int hash(ByteBuf data, int index, int length) {
        int h = SEED ^ length;
        int end = index + (length & ~3);
        for (int i = index; i < end; i += 4) {
            h = mix(h, data.getIntLE(i));
        }
        int rest = 0;
        for (int i = (length & 3) - 1; i >= 0; i--) {
            rest = rest << 8 | data.getUnsignedByte(end + i);
        }
        return finish(h, rest, length);
    }

    private static int mix(int h, int word) {
        int k = word * M;
        k ^= k >>> 24;
        return h * M ^ k * M;
    }

    private static int finish(int hash, int rest, int length) {
        int h = (length & 3) == 0 ? hash : (hash ^ rest) * M;
        h ^= h >>> 13;
        h *= M;
        return h ^ h >>> 15;
    }
}
