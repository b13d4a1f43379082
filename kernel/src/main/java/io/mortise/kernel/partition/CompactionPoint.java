// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import java.nio.ByteBuffer;

/**
 * How far a log is compacted.
 *
 * @param start where the log started then
 * @param end everything below holds each key once
 * @param bytes that were left of it
 * @param lastHorizonMillis when all tombstones and markers in it may go; -1 if there are none
 */
record CompactionPoint(long start, long end, long bytes, long lastHorizonMillis) {
    private static final int ENCODED_BYTES = 4 * Long.BYTES;

    /** Nothing of a log that starts here is compacted. */
    static CompactionPoint none(long start) {
        return new CompactionPoint(start, start, 0, -1);
    }

    byte[] encode() {
        return ByteBuffer.allocate(ENCODED_BYTES)
                .putLong(start)
                .putLong(end)
                .putLong(bytes)
                .putLong(lastHorizonMillis)
                .array();
    }

    static CompactionPoint decode(ByteBuffer source) {
        return new CompactionPoint(
                source.getLong(), source.getLong(), source.getLong(), source.getLong());
    }

    /** What is left of it in a log that starts at {@code logStart}. */
    CompactionPoint after(long logStart) {
        if (logStart <= start) {
            return this;
        }
        if (logStart >= end) {
            return none(logStart);
        }
        long left = (long) (bytes * ((double) (end - logStart) / (end - start)));
        return new CompactionPoint(logStart, end, left, lastHorizonMillis);
    }
}
