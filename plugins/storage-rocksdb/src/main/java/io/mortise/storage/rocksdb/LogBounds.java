// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import java.nio.ByteBuffer;

/**
 * What is stored of a log beside its batches.
 *
 * @param number of the log among the keys
 * @param start first offset that can be read
 * @param base first offset of the first extent
 * @param end the log ends here or, if there are later batches, behind them
 */
record LogBounds(long number, long start, long base, long end) {
    private static final int SIZE = 4 * Long.BYTES;

    byte[] encode() {
        return ByteBuffer.allocate(SIZE)
                .putLong(number)
                .putLong(start)
                .putLong(base)
                .putLong(end)
                .array();
    }

    static LogBounds decode(byte[] value) {
        ByteBuffer from = ByteBuffer.wrap(value);
        return new LogBounds(from.getLong(), from.getLong(), from.getLong(), from.getLong());
    }
}
