// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.storage.LogExtent;

import java.util.List;

/**
 * What a compaction would take on. Pure.
 *
 * @param dirtyFrom keys of what lies from here on are taken in
 * @param end where it ends
 * @param dirtyRatio share of what was appended since the last one
 */
record CompactionPlan(long dirtyFrom, long end, double dirtyRatio) {
    /**
     * @param stableEnd no record at or past it may be touched
     */
    static CompactionPlan of(
            List<LogExtent> extents,
            CompactionPoint point,
            CompactionSettings settings,
            long stableEnd,
            long nowMillis) {
        long end = Math.max(point.end(), oldEnough(extents, point, settings, stableEnd, nowMillis));
        long total = 0;
        long tail = 0;
        for (LogExtent extent : extents) {
            total += extent.sizeBytes();
            tail += bytesFrom(extent, end);
        }
        long clean = Math.min(point.bytes(), total);
        long dirty = end == point.end() ? 0 : Math.max(0, total - clean - tail);
        double ratio = dirty == 0 ? 0 : (double) dirty / (clean + dirty);
        return new CompactionPlan(point.end(), end, ratio);
    }

    /** As in Kafka, an extent is left alone while it holds a record that is too young. */
    private static long oldEnough(
            List<LogExtent> extents,
            CompactionPoint point,
            CompactionSettings settings,
            long stableEnd,
            long nowMillis) {
        if (settings.minLagMillis() <= 0) {
            return stableEnd;
        }
        for (LogExtent extent : extents) {
            boolean young = extent.maxTimestampMillis() > nowMillis - settings.minLagMillis();
            if (extent.endOffset() > point.end() && young) {
                return Math.min(stableEnd, extent.baseOffset());
            }
        }
        return stableEnd;
    }

    private static long bytesFrom(LogExtent extent, long offset) {
        if (offset <= extent.baseOffset()) {
            return extent.sizeBytes();
        }
        if (offset >= extent.endOffset()) {
            return 0;
        }
        double share =
                (double) (extent.endOffset() - offset) / (extent.endOffset() - extent.baseOffset());
        return (long) (extent.sizeBytes() * share);
    }
}
