// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;

import org.osgi.annotation.versioning.ConsumerType;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * One opened engine over one disk (or none).
 *
 * <p>Threading: one thread, the engine's <em>writer</em>, calls {@link LogStorage#append}, {@link
 * #flush} and {@link #force}, in rounds: appends to any number of logs, then one flush, then (if
 * any log of the round asks for DISK) one force. All other calls may come from any thread beside
 * it, truncate and delete of a log only while no append to that log is under way.
 *
 * <p>Failure: an {@link IOException} from append, flush or force fails every log of that round for
 * good, until the kernel reopens it; the engine must never again serve or acknowledge what the
 * failed round held unless reopening finds it durable.
 */
@ConsumerType
public interface StorageEngine extends AutoCloseable {
    /**
     * The levels that this engine can give; a topic that asks for another is refused at creation.
     */
    Set<Durability> durabilities();

    /** Logs present, opened or not. */
    List<LogId> logs() throws IOException;

    /**
     * Opens a log, creating an empty one starting at offset {@code config.startOffset()} if absent.
     *
     * @param leaderEpoch of the owner that opens it; appends carry the same or a later one
     * @throws IllegalStateException if that log is already open
     */
    LogStorage openLog(LogId id, int leaderEpoch, LogConfig config) throws IOException;

    /** Deletes a closed log. Slices still open stay readable. Absent is no error. */
    void deleteLog(LogId id) throws IOException;

    /** Hands everything appended so far to the operating system ({@link Durability#OS}). */
    void flush() throws IOException;

    /**
     * Makes everything appended so far to logs of level DISK durable; calls {@link #flush} first
     * where needed.
     */
    void force() throws IOException;

    /** Closes all logs; what was forced stays. */
    @Override
    void close() throws IOException;
}
