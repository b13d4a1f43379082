// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.LogSlice;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Seal;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

/** Reads that the index alone answers: whole blocks of an open own file that were all checked. */
final class ReadyBlocks {
    private ReadyBlocks() {}

    /** Null if the lock is held, or if it takes a look into a file. Never waits. */
    static @Nullable LogSlice read(SegmentLog log, long offset, long limit, int maxBytes) {
        if (!log.lock.tryLock()) {
            return null;
        }
        try {
            if (!log.serves(offset)) {
                return null;
            }
            long end = Math.min(limit, Math.min(log.endOffset, log.voidFrom));
            return read(log, log.extentOf(offset), offset, end, maxBytes);
        } finally {
            log.lock.unlock();
        }
    }

    private static @Nullable LogSlice read(
            SegmentLog log, Extent extent, long offset, long limit, int maxBytes) {
        SharedFile file = extent.opened();
        SparseIndex index = extent.index;
        if (file == null || index == null || index.count == 0 || extent.coarseEnd > 0) {
            return null;
        }
        int first = index.floor(offset);
        int from = index.positions[first];
        int ownEnd = index.offsets[first] == offset ? ownEnd(log, extent, offset, from) : from;
        int to = from;
        long next = offset;
        for (int block = first; block < index.count; block++) {
            int end = endOf(extent, index, block);
            long behind = offsetBehind(extent, index, block);
            if (end > ownEnd || behind > limit || end - from > maxBytes) {
                break;
            }
            if (!extent.verified.get(block)) {
                return null; // with more than what is ready, which may be little
            }
            to = end;
            next = behind;
        }
        return to == from
                ? null
                : SegmentSlice.region(
                        offset, next, file.retain(), (long) ExtentFile.DATA + from, to - from);
    }

    /** Up to where the bytes from a position on are the own file's; that position if none are. */
    private static int ownEnd(SegmentLog log, Extent extent, long offset, int position) {
        Overlay overlay = extent.overlay;
        int piece = overlay.firstEndingAfter(offset);
        if (piece > 0) {
            Piece before = overlay.get(piece - 1);
            if (before.position() + before.length() > position) {
                return position;
            }
        }
        int end = piece < overlay.count() ? overlay.get(piece).position() : log.unstagedEnd(extent);
        return Math.max(end, position);
    }

    private static int endOf(Extent extent, SparseIndex index, int block) {
        if (block + 1 < index.count) {
            return index.positions[block + 1];
        }
        return extent.seal == null ? Integer.MAX_VALUE : extent.size;
    }

    private static long offsetBehind(Extent extent, SparseIndex index, int block) {
        Seal seal = extent.seal;
        if (block + 1 < index.count) {
            return index.offsets[block + 1];
        }
        return seal == null ? Long.MAX_VALUE : seal.endOffset();
    }
}
