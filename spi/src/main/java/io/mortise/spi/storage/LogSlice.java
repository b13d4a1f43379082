// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import io.mortise.spi.runtime.StorageFile;

import org.osgi.annotation.versioning.ConsumerType;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Whole batches lent to a reader. What it covers stays readable until {@link #close}, whatever
 * retention, truncation or deletion do meanwhile. Close exactly once, from any thread.
 */
@ConsumerType
public interface LogSlice extends AutoCloseable {
    /** Base offset of the first batch, or the offset asked for if empty. */
    long baseOffset();

    /**
     * Where to read on: one past the last offset of the last batch, or an offset in the gap behind
     * it up to the next batch's first.
     */
    long nextOffset();

    /** Bytes of all parts. */
    int sizeInBytes();

    /** The bytes, in order; every batch lies whole in one part. */
    List<Part> parts();

    @Override
    void close();

    /** A run of bytes. */
    sealed interface Part {
        /** Bytes in this run. */
        int length();
    }

    /** Bytes in memory, read only, between position and limit. */
    record Memory(ByteBuffer bytes) implements Part {
        @Override
        public int length() {
            return bytes.remaining();
        }
    }

    /** Bytes in a file. */
    record Region(StorageFile file, long position, int length) implements Part {}
}
