// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.runtime.StorageFile;
import io.netty.buffer.ByteBuf;

import org.osgi.annotation.versioning.ProviderType;

import java.util.List;

/**
 * Whole batches lent to a reader until {@link #close}, which must be called exactly once, on any
 * thread.
 */
@ProviderType
public interface FetchedBatches extends AutoCloseable {
    /**
     * Base offset of the first batch (which may be below the offset asked for), or the offset asked
     * for if empty.
     */
    long baseOffset();

    /** Where to read on. */
    long nextOffset();

    /** Bytes of all parts; 0 if empty. */
    int sizeInBytes();

    /** The bytes in order; every batch lies whole in one part. */
    List<Part> parts();

    @Override
    void close();

    /** A run of bytes. */
    sealed interface Part {
        /** Bytes in this run. */
        int length();
    }

    /**
     * Bytes in memory between reader and writer index; borrowed from the slice, retain to keep
     * longer.
     */
    record Memory(ByteBuf bytes) implements Part {
        @Override
        public int length() {
            return bytes.readableBytes();
        }
    }

    /** Bytes in a file, for zero-copy transfer where {@link StorageFile#channel} is not null. */
    record Region(StorageFile file, long position, int length) implements Part {}
}
