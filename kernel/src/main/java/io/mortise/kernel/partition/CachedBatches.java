// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.record.BatchHeader;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Batches in the ring, shared with every other reader. */
final class CachedBatches implements FetchedBatches {
    private final long baseOffset;
    private final long nextOffset;
    private final int sizeInBytes;
    private final List<Part> parts;
    private final RingChunk first;
    private final @Nullable List<RingChunk> more;

    private CachedBatches(Collector collected) {
        this.baseOffset = collected.baseOffset;
        this.nextOffset = collected.nextOffset;
        this.sizeInBytes = collected.bytes;
        this.parts = collected.parts;
        this.first = collected.first;
        this.more = collected.more;
    }

    /**
     * Whole batches from the one that holds {@code offset} to {@code limitOffset}.
     *
     * @return null if they are not, or no longer, in {@code chunks}
     */
    static @Nullable FetchedBatches read(
            RingChunk[] chunks, long offset, long limitOffset, int maxBytes) {
        int at = Ring.find(chunks, offset);
        if (at < 0 || !chunks[at].acquire()) {
            return null;
        }
        RingChunk chunk = chunks[at];
        int end = chunk.limit();
        int from = chunk.find(offset, end);
        int last = from < 0 ? -1 : chunk.findLast(from, end, limitOffset, maxBytes, true);
        if (last < 0) {
            chunk.release();
            return null;
        }
        var collected = new Collector(chunk, from, last);
        while (++at < chunks.length && collected.add(chunks[at], limitOffset, maxBytes)) {
            // Goes on as long as whole chunks fit.
        }
        return new CachedBatches(collected);
    }

    @Override
    public long baseOffset() {
        return baseOffset;
    }

    @Override
    public long nextOffset() {
        return nextOffset;
    }

    @Override
    public int sizeInBytes() {
        return sizeInBytes;
    }

    @Override
    public List<Part> parts() {
        return parts;
    }

    @Override
    public void close() {
        first.release();
        if (more != null) {
            for (int i = 0; i < more.size(); i++) {
                more.get(i).release();
            }
        }
    }

    private static final class Collector {
        final RingChunk first;
        final long baseOffset;
        @Nullable List<RingChunk> more;
        List<Part> parts;
        long nextOffset;
        int bytes;

        Collector(RingChunk chunk, int from, int last) {
            first = chunk;
            baseOffset = BatchHeader.baseOffset(chunk.view, from);
            parts = List.of(part(chunk, from, last));
        }

        private Part part(RingChunk chunk, int from, int last) {
            int length = last + BatchHeader.sizeInBytes(chunk.view, last) - from;
            nextOffset = BatchHeader.lastOffset(chunk.view, last) + 1;
            bytes += length;
            return new Memory(chunk.memory.slice(from, length));
        }

        boolean add(RingChunk chunk, long limitOffset, int maxBytes) {
            if (chunk.baseOffset != nextOffset || bytes >= maxBytes || !chunk.acquire()) {
                return false;
            }
            int end = chunk.limit();
            int last = end == 0 ? -1 : chunk.findLast(0, end, limitOffset, maxBytes - bytes, false);
            if (last < 0) {
                chunk.release();
                return false;
            }
            if (more == null) {
                more = new ArrayList<>();
                parts = new ArrayList<>(parts);
            }
            more.add(chunk);
            parts.add(part(chunk, 0, last));
            return true;
        }
    }
}
