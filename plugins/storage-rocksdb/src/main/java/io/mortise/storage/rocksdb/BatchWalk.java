// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.record.BatchHeader;

import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

import java.nio.ByteBuffer;

/** Walks the batches of a log by their headers, without copying what is in them. One thread. */
final class BatchWalk implements AutoCloseable {
    private final RocksIterator each;
    private final long number;
    private final byte[] key = new byte[Keys.SIZE];
    private final byte[] head = new byte[BatchHeader.SIZE];
    private final ByteBuffer header = ByteBuffer.wrap(head);
    private int sizeInBytes;
    private boolean valid;

    /** Stands at the first batch that ends at or past {@code offset}. */
    BatchWalk(Database database, long number, long offset) throws RocksDBException {
        this.number = number;
        each = database.rocks.newIterator(database.data());
        each.seek(Keys.of(number, offset));
        look();
    }

    private void look() throws RocksDBException {
        valid = each.isValid();
        if (valid) {
            each.key(key);
            valid = ByteBuffer.wrap(key).getLong() == number;
        } else {
            each.status();
        }
        if (valid) {
            sizeInBytes = each.value(head);
        }
    }

    boolean isValid() {
        return valid;
    }

    void next() throws RocksDBException {
        each.next();
        look();
    }

    long baseOffset() {
        return BatchHeader.baseOffset(header, 0);
    }

    long lastOffset() {
        return ByteBuffer.wrap(key).getLong(Long.BYTES);
    }

    long maxTimestamp() {
        return BatchHeader.maxTimestamp(header, 0);
    }

    int sizeInBytes() {
        return sizeInBytes;
    }

    @Override
    public void close() {
        each.close();
    }
}
