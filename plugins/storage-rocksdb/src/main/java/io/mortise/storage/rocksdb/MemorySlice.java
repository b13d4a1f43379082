// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.storage.LogSlice;

import java.nio.ByteBuffer;
import java.util.List;

/** Batches copied out of the database: nothing that happens there changes them. */
record MemorySlice(long baseOffset, long nextOffset, List<Part> parts, int sizeInBytes)
        implements LogSlice {
    static MemorySlice empty(long offset, long nextOffset) {
        return new MemorySlice(offset, nextOffset, List.of(), 0);
    }

    /** Joins batches, at least one. */
    static MemorySlice of(long baseOffset, long nextOffset, List<byte[]> batches, int bytes) {
        byte[] all = batches.getFirst();
        if (batches.size() > 1) {
            all = new byte[bytes];
            int at = 0;
            for (byte[] batch : batches) {
                System.arraycopy(batch, 0, all, at, batch.length);
                at += batch.length;
            }
        }
        ByteBuffer whole = ByteBuffer.wrap(all).asReadOnlyBuffer();
        return new MemorySlice(baseOffset, nextOffset, List.of(new Memory(whole)), bytes);
    }

    /** Nothing is held. */
    @Override
    public void close() {}
}
