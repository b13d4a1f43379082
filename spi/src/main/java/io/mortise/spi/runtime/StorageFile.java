// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.runtime;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * One open file. Positional reads and writes may be made by any thread, writes to overlapping
 * ranges by one at a time. Buffers are borrowed.
 */
@ProviderType
public interface StorageFile extends AutoCloseable {
    /** The path it was opened by. */
    String path();

    /** Bytes, with what is not yet forced. */
    long size() throws IOException;

    /**
     * Reads up to {@code target.remaining()} bytes.
     *
     * @return the bytes read, fewer only at the end of the file, -1 if {@code position} is at or
     *     past it
     */
    int read(ByteBuffer target, long position) throws IOException;

    /** Writes all remaining bytes of {@code source}, growing the file as needed. */
    void write(ByteBuffer source, long position) throws IOException;

    /**
     * Writes all remaining bytes of {@code sources} one after the other, in as few system calls as
     * may be.
     */
    void write(ByteBuffer[] sources, long position) throws IOException;

    /**
     * Makes every byte written so far durable (fdatasync, which includes the size). After a failure
     * the state of what was not yet durable is unknown: never retry, reopen and look.
     */
    void force() throws IOException;

    /** Cuts or, with zeros, grows the file to {@code size} bytes. */
    void truncate(long size) throws IOException;

    /**
     * Writes zeros from the present end to {@code size}, so that later forces need no change of
     * metadata.
     */
    void allocate(long size) throws IOException;

    /**
     * The channel for zero-copy transfer to a socket, or null where there is none (a simulated
     * file).
     */
    @Nullable FileChannel channel();

    @Override
    void close() throws IOException;
}
