// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.storage.LogExtent;

import java.util.List;

/** What a topic's retention lets go. Pure. */
final class Retention {
    private Retention() {}

    /**
     * Where the log should start; below its start for no change. Whole extents only, the active one
     * by age; by records exactly.
     */
    static long newStart(
            List<LogExtent> extents, PartitionSettings settings, long end, long nowMillis) {
        long byTime = byTime(extents, settings.retentionMillis(), nowMillis);
        long bySize = bySize(extents, settings.retentionBytes());
        long byRecords = settings.retentionRecords() < 0 ? -1 : end - settings.retentionRecords();
        return Math.max(byRecords, Math.max(byTime, bySize));
    }

    private static long byTime(List<LogExtent> extents, long retentionMillis, long nowMillis) {
        long start = -1;
        if (retentionMillis < 0) {
            return start;
        }
        for (LogExtent extent : extents) {
            if (extent.endOffset() == extent.baseOffset()) {
                continue;
            }
            long newest = extent.maxTimestampMillis();
            if (newest < 0 || nowMillis - newest <= retentionMillis) {
                break;
            }
            start = extent.endOffset();
        }
        return start;
    }

    /** As in Kafka: an extent goes while what is left is not less than the bound. */
    private static long bySize(List<LogExtent> extents, long retentionBytes) {
        long start = -1;
        if (retentionBytes < 0) {
            return start;
        }
        long excess = -retentionBytes;
        for (LogExtent extent : extents) {
            excess += extent.sizeBytes();
        }
        for (LogExtent extent : extents.subList(0, Math.max(0, extents.size() - 1))) {
            excess -= extent.sizeBytes();
            if (excess < 0) {
                break;
            }
            start = extent.endOffset();
        }
        return start;
    }
}
