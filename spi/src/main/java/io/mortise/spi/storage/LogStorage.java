// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import org.osgi.annotation.versioning.ConsumerType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** One open log. See {@link StorageEngine} for threads and failures. */
@ConsumerType
public interface LogStorage extends AutoCloseable {
    /**
     * Appends whole stamped batches. Writer thread only. {@code batches} is borrowed: copied or
     * written before return.
     *
     * @param leaderEpoch of the leader that stamped them
     * @param baseOffset of the first batch; equal to {@link #endOffset} (an engine checks and
     *     refuses a gap)
     * @param endOffset one past the last batch's last offset
     * @param batches one or more record batches v2, back to back
     */
    void append(int leaderEpoch, long baseOffset, long endOffset, ByteBuffer batches)
            throws IOException;

    /**
     * Reads whole batches, the first being the one that holds {@code offset}.
     *
     * @param limit no batch with its base offset at or past this is returned
     * @param maxBytes bound of the slice, but at least one batch is always returned
     * @return a slice that begins with the first batch at or past {@code offset} where {@code
     *     offset} lies in a gap (see {@link #replace}); an empty one, from which to read on at
     *     {@code min(limit, endOffset)}, where no batch lies before that; the caller closes it
     * @throws OffsetOutOfRangeException below {@link #startOffset} or above {@link #endOffset}
     * @throws CorruptLogException the bytes at that offset fail their check; nothing corrupt is
     *     ever returned
     * @throws LogFailedException the log failed earlier and must be opened anew
     */
    LogSlice read(long offset, long limit, int maxBytes) throws IOException;

    /** First offset that can be read. */
    long startOffset();

    /** One past the last offset appended. */
    long endOffset();

    /**
     * Ranges that the engine can drop whole, in order, the active one last: for retention and as
     * the first step of a look-up by timestamp.
     */
    List<LogExtent> extents();

    /** Changes what may change on an open log: durability from the next append on, extent size. */
    void configure(LogConfig config) throws IOException;

    /**
     * Drops every batch with its last offset at or past {@code offset}; durable when this returns.
     */
    void truncate(long offset) throws IOException;

    /**
     * Moves the start forward to {@code offset} and frees what lies wholly below; durable when this
     * returns.
     */
    void advanceStart(long offset) throws IOException;

    /**
     * Puts other batches in the place of all that lie in a range: key compaction. Any thread,
     * beside appends and reads; one call per log at a time. Start and end of the log stay as they
     * are; slices that are open keep the old bytes.
     *
     * <p>Atomic over a crash: afterwards the range holds either all old or all new batches; the new
     * ones are durable when this returns. An {@link IOException} leaves the old batches, or fails
     * the log, which then holds one or the other when it is opened anew. May write anew what shares
     * an extent with the range, so callers choose ranges that are runs of whole {@link #extents}
     * where they can.
     *
     * @param from first offset of the range, at a batch boundary at or past that of the first
     *     extent
     * @param to one past the last offset, at a batch boundary, at most the end that was last forced
     *     (flushed, where the log asks for less than DISK)
     * @param batches whole record batches v2, borrowed; each buffer holds one or more back to back,
     *     all in ascending order within the range, with gaps where offsets are gone; an empty list
     *     leaves nothing
     * @throws IllegalArgumentException the batches or the range are not as said; nothing changed
     */
    void replace(long from, long to, List<ByteBuffer> batches) throws IOException;

    @Override
    void close() throws IOException;
}
