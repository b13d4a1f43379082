// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import io.mortise.spi.record.BatchHeader;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The blocks that take the place of others in which some batches were replaced: what those held
 * before the range, the new batches, what they held behind it. One thread.
 */
final class Replacement {
    private static final int BLOCK = 256 << 10;

    private final String log;
    private final MemoryBudget budget;
    private final List<MemoryBlock> blocks = new ArrayList<>();
    private final List<ByteBuffer> pending = new ArrayList<>();
    private int pendingBytes;
    private long next;

    Replacement(String log, MemoryBudget budget, long baseOffset) {
        this.log = log;
        this.budget = budget;
        this.next = baseOffset;
    }

    /** Refuses batches that are not whole, not in order or not within the range. */
    static void check(String log, long from, long to, List<ByteBuffer> batches) {
        long next = from;
        for (ByteBuffer run : batches) {
            int at = run.position();
            while (run.limit() - at >= BatchHeader.SIZE
                    && BatchHeader.magic(run, at) == 2
                    && BatchHeader.sizeInBytes(run, at) >= BatchHeader.SIZE
                    && BatchHeader.sizeInBytes(run, at) <= run.limit() - at
                    && BatchHeader.baseOffset(run, at) >= next
                    && BatchHeader.lastOffset(run, at) >= BatchHeader.baseOffset(run, at)
                    && BatchHeader.lastOffset(run, at) < to) {
                next = BatchHeader.lastOffset(run, at) + 1;
                at += BatchHeader.sizeInBytes(run, at);
            }
            if (at != run.limit()) {
                throw new IllegalArgumentException(
                        "log "
                                + log
                                + ": what is to replace "
                                + from
                                + " to "
                                + to
                                + " holds whole batches of that range in order up to "
                                + next);
            }
        }
    }

    /** Adds batches that lie back to back. */
    void add(ByteBuffer run) throws IOException {
        int from = run.position();
        for (int at = from; at < run.limit(); ) {
            int end = at + BatchHeader.sizeInBytes(run, at);
            boolean some = pendingBytes > 0 || at > from;
            if (some && pendingBytes + end - from > BLOCK) {
                keep(run, from, at);
                endBlock(BatchHeader.baseOffset(run, at));
                from = at;
            }
            at = end;
        }
        keep(run, from, run.limit());
    }

    private void keep(ByteBuffer run, int from, int to) {
        if (to > from) {
            pending.add(run.slice(from, to - from));
            pendingBytes += to - from;
        }
    }

    /** The blocks, which end at {@code endOffset}; at least one. */
    List<MemoryBlock> finish(long endOffset) throws IOException {
        if (pendingBytes > 0 || blocks.isEmpty()) {
            endBlock(endOffset);
        }
        blocks.getLast().endOffset = endOffset;
        return blocks;
    }

    private void endBlock(long endOffset) throws IOException {
        budget.take("log " + log + ", replacing from offset " + next, pendingBytes);
        var block = new MemoryBlock(budget, pendingBytes, next);
        for (ByteBuffer run : pending) {
            block.append(run, run.position(), run.remaining(), endOffset);
        }
        block.endOffset = endOffset;
        blocks.add(block);
        pending.clear();
        pendingBytes = 0;
        next = endOffset;
    }

    /** Gives back what was built. */
    void discard() {
        blocks.forEach(MemoryBlock::release);
    }
}
