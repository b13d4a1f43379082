// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.mapping;

import org.jspecify.annotations.Nullable;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Walks uncompressed records without making an object. */
final class RecordStructure {
    private RecordStructure() {}

    /**
     * What is wrong with the records between position and limit, or null.
     *
     * @param keyed whether each must have a key
     * @throws BufferUnderflowException they end too early
     */
    static @Nullable String fault(ByteBuffer in, int count, boolean keyed) {
        for (int i = 0; i < count; i++) {
            int size = varint(in);
            if (size < 0 || size > in.remaining()) {
                return "record " + i + " of " + size + " bytes, " + in.remaining() + " are left";
            }
            int end = in.position() + size;
            String fault = recordFault(in, i, keyed);
            if (fault != null) {
                return fault;
            }
            if (in.position() != end) {
                return "record " + i + " is not as long as it says";
            }
        }
        return in.hasRemaining() ? in.remaining() + " bytes after the last record" : null;
    }

    private static @Nullable String recordFault(ByteBuffer in, int index, boolean keyed) {
        in.get();
        varlong(in);
        int delta = varint(in);
        if (delta != index) {
            return "offset delta " + delta + " in record " + index;
        }
        int key = varint(in);
        if (keyed && key < 0) {
            return keyless(index);
        }
        skip(in, key, true);
        skip(in, varint(in), true);
        int headers = varint(in);
        if (headers < 0) {
            return "record " + index + " with " + headers + " headers";
        }
        for (int i = 0; i < headers; i++) {
            skip(in, varint(in), false);
            skip(in, varint(in), true);
        }
        return null;
    }

    static String keyless(int index) {
        return "record " + index + " has no key, and the topic is compacted";
    }

    private static void skip(ByteBuffer in, int length, boolean nullable) {
        if (length < 0 ? length != -1 || !nullable : length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + Math.max(0, length));
    }

    private static int varint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = in.get();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new BufferUnderflowException();
    }

    private static void varlong(ByteBuffer in) {
        for (int i = 0; i < 10; i++) {
            if (in.get() >= 0) {
                return;
            }
        }
        throw new BufferUnderflowException();
    }
}
