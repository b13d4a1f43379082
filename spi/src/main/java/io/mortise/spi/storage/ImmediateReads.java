// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Optional ability of a {@link LogStorage}: reads that wait for nothing, so that a reader on an
 * event loop needs no other thread for what was read before.
 */
@ConsumerType
public interface ImmediateReads {
    /**
     * As {@link LogStorage#read}, if it can be answered from memory and without waiting for a lock:
     * bytes that were checked before and lie in a file are lent as a {@link LogSlice.Region}. Any
     * thread; never blocks.
     *
     * @return a slice that begins at {@code offset} and is not empty, or null: then {@link
     *     LogStorage#read} says what is there, or why not
     */
    @Nullable LogSlice readIfReady(long offset, long limit, int maxBytes);
}
