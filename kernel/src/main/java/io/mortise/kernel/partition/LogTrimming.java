// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.storage.LogFailedException;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Takes out of an open log what is not asked for any more: its oldest part, and what compaction
 * does without. As {@link LogControl} for threads, and under its lock.
 */
final class LogTrimming {
    private static final Logger LOG = LoggerFactory.getLogger(LogTrimming.class);

    private final PartitionLog log;
    private final LogControl control;
    private final LogId id;

    LogTrimming(PartitionLog log) {
        this.log = log;
        this.control = log.control();
        this.id = log.logId();
    }

    /**
     * Puts {@code batches} in the place of all from {@code from} to below {@code to}.
     *
     * @param open what the range was read from
     * @throws IllegalStateException if that is not open any more
     */
    void replace(LogStorage open, long from, long to, List<ByteBuffer> batches) throws IOException {
        control.lock.lock();
        try {
            if (!open.equals(control.storage())) {
                throw new IllegalStateException(id + " is closed or was opened again");
            }
            open.replace(from, to, batches);
        } catch (LogFailedException e) {
            log.rounds().failed(open, e);
            throw e;
        } finally {
            control.lock.unlock();
        }
    }

    /** Null if everything below {@code offset} is gone for good. */
    @Nullable Refusal advanceStart(long offset) {
        control.lock.lock();
        try {
            GenerationChain open = control.storage();
            return open == null ? log.unavailable() : advanceStart(open, offset);
        } catch (IOException e) {
            LOG.error("{}: start cannot be advanced to {}", id, offset, e);
            return new Refusal(Reason.STORAGE_FAILED, id + ": start cannot be advanced: " + e);
        } finally {
            control.lock.unlock();
        }
    }

    private @Nullable Refusal advanceStart(GenerationChain open, long offset) throws IOException {
        if (offset <= log.logStartOffset()) {
            return null;
        }
        if (offset > log.highWatermark()) {
            return new Refusal(
                    Reason.OFFSET_OUT_OF_RANGE,
                    id + ": start " + offset + " is past the end " + log.highWatermark());
        }
        if (offset > open.endOffset()) {
            return new Refusal(Reason.BUSY, id + ": offset " + offset + " is not written yet");
        }
        try {
            control.generations().drop(open, offset);
            open.advanceStart(offset);
        } catch (LogFailedException e) {
            log.rounds().failed(open, e);
            throw e;
        } finally {
            log.startAdvanced(open.startOffset()); // a failure may come after the fact
        }
        log.holds().passed(offset);
        return null;
    }

    /** Lets go of what the topic's retention no longer asks for. */
    void retain(long nowMillis) {
        LogStorage open = log.storage();
        PartitionSettings settings = log.settings();
        if (open == null || !settings.delete()) {
            return;
        }
        long end = Math.min(log.highWatermark(), open.endOffset());
        long offset = Math.min(end, Retention.newStart(open.extents(), settings, end, nowMillis));
        if (offset > log.logStartOffset()) {
            offset = log.holds().allowed(offset);
        }
        if (offset > log.logStartOffset()) {
            Refusal refusal = advanceStart(offset);
            if (refusal == null) {
                LOG.debug("{}: retention moved the start to {}", id, offset);
            }
        }
    }
}
