// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.compaction.KeyOffsets;
import io.mortise.kernel.directory.SmallFile;
import io.mortise.spi.LogId;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;

/**
 * Key compaction of one log: when it is worth it, and how far it has come, which is kept in {@code
 * <shard>/<topic id>-<partition>.compaction}, a {@link SmallFile} with magic {@code MPCP}. May
 * block; one thread at a time compacts.
 */
final class LogCompaction {
    private static final Logger LOG = LoggerFactory.getLogger(LogCompaction.class);
    private static final int MAGIC = 0x4D504350;
    private static final int VERSION = 1;

    private final PartitionLog log;
    private final PartitionContext context;
    private final LogId id;
    private final SmallFile file;
    private @Nullable CompactionPoint point;

    /** The log that a compaction of failed: it is not tried again while that is open. */
    private @Nullable LogStorage failed;

    LogCompaction(PartitionLog log, PartitionContext context) {
        this.log = log;
        this.context = context;
        this.id = log.logId();
        this.file = file(context, id);
    }

    /** Where a log's point is kept. */
    static SmallFile file(PartitionContext context, LogId id) {
        String name = id.topicId() + "-" + id.partition() + ".compaction";
        return new SmallFile(context.files(), Integer.toString(id.shard()), name, MAGIC, VERSION);
    }

    /** The log was opened: a point past its end is of another life. */
    synchronized void opened(LogStorage storage) throws IOException {
        var body = file.read();
        CompactionPoint found = body == null ? null : CompactionPoint.decode(body);
        if (found != null && found.end() > storage.endOffset()) {
            file.delete();
            found = null;
        }
        point = found == null ? CompactionPoint.none(storage.startOffset()) : found;
    }

    /** What is worth doing now; null for nothing. */
    synchronized @Nullable CompactionPlan due(long nowMillis) {
        CompactionSettings settings = log.settings().compact();
        LogStorage storage = log.storage();
        CompactionPoint known = point;
        if (settings == null || storage == null || known == null || storage.equals(failed)) {
            return null;
        }
        CompactionPoint now = known.after(log.logStartOffset());
        long stable = log.standing().compactableEnd();
        if (stable < now.end()) {
            return null;
        }
        try {
            CompactionPlan plan =
                    CompactionPlan.of(storage.extents(), now, settings, stable, nowMillis);
            return due(plan, now, settings, storage, nowMillis) ? plan : null;
        } catch (IOException | RuntimeException e) {
            gaveUp(storage, e);
            return null;
        }
    }

    private static boolean due(
            CompactionPlan plan,
            CompactionPoint now,
            CompactionSettings settings,
            LogStorage storage,
            long nowMillis)
            throws IOException {
        boolean waited = now.lastHorizonMillis() >= 0 && now.lastHorizonMillis() <= nowMillis;
        if (waited || plan.end() == plan.dirtyFrom()) {
            return waited;
        }
        return plan.dirtyRatio() > settings.minDirtyRatio()
                || tooOld(plan, settings, storage, nowMillis);
    }

    private static boolean tooOld(
            CompactionPlan plan, CompactionSettings settings, LogStorage storage, long nowMillis)
            throws IOException {
        if (settings.maxLagMillis() >= nowMillis) {
            return false;
        }
        try (var slice = storage.read(plan.dirtyFrom(), plan.end(), 1)) {
            if (slice.sizeInBytes() == 0) {
                return false;
            }
            var first = SliceBytes.of(slice.parts().getFirst());
            long oldest = BatchHeader.maxTimestamp(first, first.position());
            return oldest < nowMillis - settings.maxLagMillis();
        }
    }

    /** Does what is planned. */
    void run(CompactionPlan plan, long nowMillis) {
        CompactionSettings settings = log.settings().compact();
        LogStorage storage = log.storage();
        if (settings == null || storage == null) {
            return;
        }
        try {
            var keys = new KeyOffsets(context.options().compactionMapBytes());
            var run = new CompactionRun(log, storage, context, keys, nowMillis);
            done(run.compact(plan, settings.deleteRetentionMillis()));
        } catch (IOException | RuntimeException e) {
            gaveUp(storage, e);
        }
    }

    private synchronized void done(CompactionPoint reached) throws IOException {
        point = reached;
        file.write(reached.encode());
        context.metrics().compactions.add(1);
    }

    private synchronized void gaveUp(LogStorage storage, Exception why) {
        if (storage.equals(log.storage())) {
            failed = storage;
            LOG.error("{}: not compacted until it is opened again", id, why);
        } else {
            LOG.debug("{}: closed while it was compacted", id, why);
        }
    }
}
