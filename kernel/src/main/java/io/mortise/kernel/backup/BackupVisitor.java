// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Hears what a backup holds, in its order, each thing after it was checked. */
public interface BackupVisitor {
    /** A log begins. */
    default void log(BackedUpLog log) throws IOException {}

    /**
     * Batches of the log that began last.
     *
     * @param batches borrowed; whole, in ascending order, with gaps where compaction was
     */
    default void batches(ByteBuffer batches) throws IOException {}

    /** The log that began last is whole. */
    default void logEnd() throws IOException {}

    /** A file of {@code data/plugins} begins. */
    default void file(String name) throws IOException {}

    /** Bytes of it; borrowed. */
    default void bytes(ByteBuffer bytes) throws IOException {}

    /** It is whole. */
    default void fileEnd() throws IOException {}
}
