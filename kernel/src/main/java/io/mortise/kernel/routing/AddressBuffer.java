// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

import io.netty.buffer.ByteBuf;

import java.util.Arrays;

/** A reusable address: bytes 0 to {@link #length} of {@link #bytes}. Not thread-safe. */
public final class AddressBuffer {
    private byte[] bytes = new byte[256];
    private int length;

    /** The bytes; replaced when they must grow, so do not keep them over a {@code set}. */
    public byte[] bytes() {
        return bytes;
    }

    /** How many bytes count. */
    public int length() {
        return length;
    }

    /** Copies a whole array. */
    public void set(byte[] address) {
        set(address, 0, address.length);
    }

    /** Copies a part of an array. */
    public void set(byte[] address, int from, int size) {
        ensure(size);
        System.arraycopy(address, from, bytes, 0, size);
        length = size;
    }

    /**
     * Writes the address of a record.
     *
     * @param topic the topic's name in bytes
     * @param catchAll whether the topic is the tenant's catch-all
     * @param keyIndex absolute index of the key in {@code key}
     * @param keyLength bytes of the key, -1 for a null key
     * @return false where the key is no legal address text: the address is then the topic alone,
     *     and the key a property of the message
     */
    public boolean set(byte[] topic, boolean catchAll, ByteBuf key, int keyIndex, int keyLength) {
        int prefix = catchAll ? 0 : topic.length + 1;
        if (keyLength < 0) {
            set(topic);
            return true;
        }
        int total = prefix + keyLength;
        if (total == 0 || total > AddressText.MAX_BYTES) {
            set(topic);
            return false;
        }
        ensure(total);
        key.getBytes(keyIndex, bytes, prefix, keyLength);
        if (!AddressText.legalPart(bytes, prefix, keyLength)) {
            set(topic);
            return false;
        }
        if (!catchAll) {
            System.arraycopy(topic, 0, bytes, 0, topic.length);
            bytes[topic.length] = '/';
        }
        length = total;
        return true;
    }

    private void ensure(int size) {
        if (bytes.length < size) {
            bytes = Arrays.copyOf(bytes, Math.max(size, 2 * bytes.length));
        }
    }
}
