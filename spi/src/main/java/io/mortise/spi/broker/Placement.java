// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition.AppendResult;

import org.jspecify.annotations.Nullable;

/**
 * Where an append went, told without an object for each: whoever appends often keeps one, hands it
 * to one append at a time and reads it when that has returned. Not thread-safe.
 */
public final class Placement {
    private long baseOffset = -1;
    private long endOffset = -1;
    private long logAppendTimeMillis = -1;
    private boolean duplicate;
    private @Nullable Refusal refusal;

    /** Of the first record; -1 if refused. */
    public long baseOffset() {
        return baseOffset;
    }

    /** One past the last record; -1 if refused. */
    public long endOffset() {
        return endOffset;
    }

    /** -1 if the records keep their own timestamps. */
    public long logAppendTimeMillis() {
        return logAppendTimeMillis;
    }

    /** Whether the producer had sent it before; offsets are the earlier ones. */
    public boolean duplicate() {
        return duplicate;
    }

    /** Null if it has a place. */
    public @Nullable Refusal refusal() {
        return refusal;
    }

    /** The partition: it has a place. */
    public boolean placed(long base, long end, long timeMillis, boolean sentBefore) {
        baseOffset = base;
        endOffset = end;
        logAppendTimeMillis = timeMillis;
        duplicate = sentBefore;
        refusal = null;
        return true;
    }

    /** The partition: it has none. */
    public boolean refused(Refusal why) {
        baseOffset = -1;
        endOffset = -1;
        logAppendTimeMillis = -1;
        duplicate = false;
        refusal = why;
        return false;
    }

    /** The same as a value. */
    public AppendResult result() {
        return new AppendResult(baseOffset, endOffset, logAppendTimeMillis, duplicate, refusal);
    }
}
