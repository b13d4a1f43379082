// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition.ReadCallback;
import io.mortise.spi.broker.Partition.TimestampCallback;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.ImmediateReads;
import io.mortise.spi.storage.LogFailedException;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.OffsetOutOfRangeException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.concurrent.Executor;

/** Reads of one partition that may have to wait for its engine: never on the caller's thread. */
final class LogReads {
    private static final Logger LOG = LoggerFactory.getLogger(LogReads.class);
    private static final int TRIES = 16;

    private final PartitionLog log;
    private final PartitionContext context;

    LogReads(PartitionLog log, PartitionContext context) {
        this.log = log;
        this.context = context;
    }

    void read(
            long offset,
            int maxBytes,
            Visibility visibility,
            Executor executor,
            ReadCallback callback) {
        FetchedBatches ready = log.readCached(offset, maxBytes, visibility);
        if (ready == null) {
            ready = readIfReady(offset, maxBytes, visibility);
        }
        if (ready != null) {
            tell(executor, callback, ready, null);
            return;
        }
        context.scheduler()
                .execute(() -> readAside(offset, maxBytes, visibility, executor, callback));
    }

    /** What the engine has at hand: no other thread is needed for it. */
    private @Nullable FetchedBatches readIfReady(long offset, int maxBytes, Visibility visibility) {
        long limit = log.visibleEnd(visibility);
        if (offset < log.logStartOffset()
                || offset >= limit
                || !(log.storage() instanceof ImmediateReads able)) {
            return null;
        }
        LogSlice slice = able.readIfReady(offset, limit, maxBytes);
        return slice == null ? null : new StoredBatches(slice, context.memory().allocator());
    }

    private void readAside(
            long offset,
            int maxBytes,
            Visibility visibility,
            Executor executor,
            ReadCallback callback) {
        FetchedBatches batches = null;
        Refusal refusal = null;
        try {
            batches = readNow(offset, maxBytes, visibility);
        } catch (RefusedException e) {
            refusal = e.refusal();
        } catch (RuntimeException e) {
            refusal = unexpected(e);
        }
        tell(executor, callback, batches, refusal);
    }

    private Refusal unexpected(RuntimeException e) {
        LOG.error("{}: reading failed", log.logId(), e);
        return new Refusal(Reason.INTERNAL_ERROR, log.logId() + ": reading failed: " + e);
    }

    private void tell(
            Executor executor,
            ReadCallback callback,
            @Nullable FetchedBatches batches,
            @Nullable Refusal refusal) {
        boolean told = Tell.on(executor, () -> callback.completed(batches, refusal));
        if (!told && batches != null) {
            batches.close(); // its loop has ended: nobody else will
        }
    }

    /**
     * Reads from the ring or the engine. May block.
     *
     * @throws RefusedException with what the reader is to be told
     */
    FetchedBatches readNow(long offset, int maxBytes, Visibility visibility) {
        // What is not in the ring is in the engine, but may move there between two looks.
        for (int i = 0; i < TRIES; i++) {
            FetchedBatches found = log.readCached(offset, maxBytes, visibility);
            if (found == null) {
                found = readStored(offset, maxBytes, visibility);
            }
            if (found != null) {
                return found;
            }
        }
        throw new RefusedException(
                Reason.BUSY, log.logId() + ": offset " + offset + " is being written");
    }

    private @Nullable FetchedBatches readStored(long offset, int maxBytes, Visibility visibility) {
        LogStorage storage = log.storage();
        if (storage == null) {
            throw new RefusedException(log.unavailable());
        }
        checkRange(offset);
        long limit = log.visibleEnd(visibility);
        try {
            if (offset > storage.endOffset()) {
                return null;
            }
            LogSlice slice = storage.read(offset, limit, maxBytes);
            if (slice.sizeInBytes() > 0) {
                return new StoredBatches(slice, context.memory().allocator());
            }
            slice.close();
            return null;
        } catch (IOException | IllegalStateException e) {
            throw new RefusedException(refusal(offset, storage, e));
        }
    }

    private void checkRange(long offset) {
        if (offset < log.logStartOffset() || offset > log.logEndOffset()) {
            throw new RefusedException(
                    Reason.OFFSET_OUT_OF_RANGE,
                    log.logId()
                            + ": offset "
                            + offset
                            + " is not in "
                            + log.logStartOffset()
                            + " to "
                            + log.logEndOffset());
        }
    }

    private Refusal refusal(long offset, LogStorage from, Exception e) {
        LogStorage now = log.storage();
        if (now == null || !now.equals(from)) {
            return log.unavailable(); // closed meanwhile
        }
        String message = log.logId() + ": offset " + offset + ": " + e.getMessage();
        return switch (e) {
            case OffsetOutOfRangeException out -> new Refusal(Reason.OFFSET_OUT_OF_RANGE, message);
            case CorruptLogException corrupt -> {
                context.damage().found(log.logId(), offset, corrupt);
                yield new Refusal(Reason.CORRUPT, message);
            }
            case LogFailedException failed -> {
                log.rounds().failed(from, failed);
                yield new Refusal(Reason.STORAGE_UNAVAILABLE, message);
            }
            default -> {
                LOG.error("{}: cannot be read at offset {}", log.logId(), offset, e);
                yield new Refusal(Reason.STORAGE_FAILED, message);
            }
        };
    }

    void offsetForTimestamp(long timestampMillis, Executor executor, TimestampCallback callback) {
        search(executor, callback, search -> search.firstAtOrAfter(timestampMillis));
    }

    void offsetOfMaxTimestamp(Executor executor, TimestampCallback callback) {
        search(executor, callback, TimestampSearch::greatest);
    }

    private void search(Executor executor, TimestampCallback callback, Question question) {
        context.scheduler()
                .execute(
                        () -> {
                            var search = new TimestampSearch(log, this, context);
                            Refusal refusal = ask(search, question);
                            tell(executor, callback, search, refusal);
                        });
    }

    private @Nullable Refusal ask(TimestampSearch search, Question question) {
        try {
            question.ask(search);
            return null;
        } catch (RefusedException e) {
            return e.refusal();
        } catch (IOException e) {
            return new Refusal(Reason.STORAGE_FAILED, log.logId() + ": " + e);
        } catch (RuntimeException e) {
            return unexpected(e);
        }
    }

    private static void tell(
            Executor executor,
            TimestampCallback callback,
            TimestampSearch search,
            @Nullable Refusal refusal) {
        Tell.on(
                executor,
                () ->
                        callback.completed(
                                search.offset(),
                                search.timestampMillis(),
                                search.leaderEpoch(),
                                refusal));
    }

    private interface Question {
        void ask(TimestampSearch search) throws IOException;
    }
}
