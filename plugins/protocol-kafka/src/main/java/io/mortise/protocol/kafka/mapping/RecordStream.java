// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.mapping;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Walks decompressed records, within a bound on their bytes. */
final class RecordStream {
    private final InputStream in;
    private final long maxBytes;
    private long read;

    RecordStream(InputStream in, long maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /**
     * What is wrong, or null.
     *
     * @param keyed whether each record must have a key
     * @throws EOFException the records end too early
     */
    @Nullable String fault(int count, boolean keyed) throws IOException {
        for (int i = 0; i < count; i++) {
            int size = varint();
            long start = read;
            if (size < 0 || start + size > maxBytes) {
                return "record " + i + " of " + size + " bytes exceeds " + maxBytes + " in a batch";
            }
            String fault = recordFault(i, start + size, keyed);
            if (fault != null) {
                return fault;
            }
            if (read != start + size) {
                return "record " + i + " is not as long as it says";
            }
        }
        return in.read() >= 0 ? "bytes after the last record" : null;
    }

    private @Nullable String recordFault(int index, long end, boolean keyed) throws IOException {
        next();
        varlong();
        int delta = varint();
        if (delta != index) {
            return "offset delta " + delta + " in record " + index;
        }
        int key = varint();
        if (keyed && key < 0) {
            return RecordStructure.keyless(index);
        }
        skip(key, true, end);
        skip(varint(), true, end);
        int headers = varint();
        if (headers < 0) {
            return "record " + index + " with " + headers + " headers";
        }
        for (int i = 0; i < headers; i++) {
            skip(varint(), false, end);
            skip(varint(), true, end);
        }
        return null;
    }

    private void skip(int length, boolean nullable, long end) throws IOException {
        if (length < 0 ? length != -1 || !nullable : read + length > end) {
            throw new EOFException();
        }
        if (length > 0) {
            in.skipNBytes(length);
            read += length;
        }
    }

    private int next() throws IOException {
        int next = in.read();
        if (next < 0) {
            throw new EOFException();
        }
        read++;
        return next;
    }

    private int varint() throws IOException {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = next();
            value |= (next & 0x7f) << shift;
            if ((next & 0x80) == 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new EOFException();
    }

    private void varlong() throws IOException {
        for (int i = 0; i < 10; i++) {
            if ((next() & 0x80) == 0) {
                return;
            }
        }
        throw new EOFException();
    }
}
