// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.EpochRuns;
import io.mortise.storage.segment.file.ExtentFile.Seal;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Where a read may look in an extent's own file, taken under the log's lock. Block {@code i} begins
 * at {@code positions[i]} with {@code offsets[i]}; it is the extent's block {@code firstBlock + i},
 * where {@code whole[i]} says that all of it lies here. The last of {@code offsets} is that behind
 * the last block, where that is whole.
 *
 * @param file retained
 * @param epochs of the batches, where no block's CRC covers them
 * @param end of the last block
 */
record OwnRange(
        Extent extent,
        SharedFile file,
        int firstBlock,
        int[] positions,
        long[] offsets,
        boolean[] whole,
        boolean[] verified,
        BitSet verifiedBlocks,
        int @Nullable [] crcs,
        EpochRuns epochs,
        int end) {

    /**
     * The blocks from the one that holds {@code offset}.
     *
     * @param nextPiece index of the first overlay piece past {@code offset}
     */
    static OwnRange of(
            SegmentLog log,
            Extent extent,
            int nextPiece,
            long offset,
            long limit,
            int maxBytes,
            FileLayer files)
            throws IOException {
        SharedFile file = extent.open(files);
        SparseIndex index = extent.index(log, files);
        int end =
                nextPiece < extent.overlay.count()
                        ? extent.overlay.get(nextPiece).position()
                        : log.unstagedEnd(extent);
        int first = index.floor(offset);
        int position = index.positions[first];
        long base = index.offsets[first];
        boolean whole = true;
        if (nextPiece > 0) {
            Piece before = extent.overlay.get(nextPiece - 1);
            if (before.position() + before.length() > position) {
                position = before.position() + before.length();
                base = before.end();
                whole = false;
            }
        }
        int last = lastBlock(index, first, limit, position, maxBytes, end);
        int count = last - first + 1;
        int[] positions = Arrays.copyOfRange(index.positions, first, last + 1);
        long[] offsets = Arrays.copyOfRange(index.offsets, first, last + 2);
        offsets[count] = offsetBehind(extent, index, last);
        positions[0] = position;
        offsets[0] = base;
        int rangeEnd = last + 1 < index.count ? Math.min(end, index.positions[last + 1]) : end;
        boolean[] wholes = new boolean[count];
        boolean[] verified = new boolean[count];
        for (int i = 0; i < count; i++) {
            int block = first + i;
            boolean closed =
                    block + 1 < index.count
                            ? index.positions[block + 1] <= end
                            : extent.seal != null;
            wholes[i] = closed && (i > 0 || whole);
            verified[i] = wholes[i] && extent.verified.get(block);
        }
        return new OwnRange(
                extent,
                file.retain(),
                first,
                positions,
                offsets,
                wholes,
                verified,
                extent.verified,
                extent.blockCrcs,
                extent.seal == null ? extent.epochs : EpochRuns.NONE,
                rangeEnd);
    }

    /**
     * The first block that begins past what the read wants, or the last of the range: the read may
     * end in it.
     */
    private static int lastBlock(
            SparseIndex index, int first, long limit, int position, int maxBytes, int end) {
        int block = first;
        // the wanted batch may begin at the end of the first block: that block does not count
        int from = first + 1 < index.count ? index.positions[first + 1] : position;
        while (block + 1 < index.count
                && index.positions[block + 1] < end
                && index.offsets[block + 1] < limit
                && (block == first || (long) index.positions[block + 1] - from < maxBytes)) {
            block++;
        }
        return block;
    }

    private static long offsetBehind(Extent extent, SparseIndex index, int block) {
        Seal seal = extent.seal;
        if (block + 1 < index.count) {
            return index.offsets[block + 1];
        }
        return seal == null ? Long.MAX_VALUE : seal.endOffset();
    }

    /** Has every block be checked, whether or not it passed before. */
    void trustNothing() {
        Arrays.fill(verified, false);
    }

    int endOf(int block) {
        return block + 1 < positions.length ? positions[block + 1] : end;
    }
}
