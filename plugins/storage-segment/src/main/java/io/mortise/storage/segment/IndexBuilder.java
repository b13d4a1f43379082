// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.storage.segment.file.BatchSearch;
import io.mortise.storage.segment.file.BatchWalk;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Seal;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;

/** Builds indexes from the batches in own files. */
final class IndexBuilder {
    private static final BitSet NONE = new BitSet();

    private IndexBuilder() {}

    /**
     * Indexes the part of an extent that recovery trusted without a look. Under the log's lock: it
     * happens once after a restart, for at most one extent's bytes.
     */
    static void refine(FileLayer files, Extent extent) throws IOException {
        SparseIndex coarse = extent.requireIndex();
        var finer = new SparseIndex(extent.coarseEnd / SparseIndex.BLOCK + coarse.count);
        var passed = new BitSet();
        var file = extent.open(files).file();
        var walk = new BatchWalk(file, ExtentFile.DATA, 0, extent.baseOffset());
        while (walk.position() < extent.coarseEnd) {
            // The bytes are at hand: no reader has to come back. A header is believed with its
            // batch.
            if (walk.peek(extent.coarseEnd)
                    && walk.verify()
                    && extent.epochs.allow(walk.position(), walk.leaderEpoch())) {
                int before = finer.count;
                finer.batch(walk.offset(), walk.position());
                passed.set(finer.count - 1, finer.count > before || passed.get(before - 1));
                walk.advance();
            } else if (!passDamage(walk, file, finer, extent)) {
                break;
            }
        }
        passed.clear(Math.max(0, finer.count - 1)); // it may go on behind what was looked at
        for (int i = 0; i < coarse.count; i++) {
            if (coarse.positions[i] >= extent.coarseEnd) {
                finer.add(coarse.offsets[i], coarse.positions[i]);
            }
        }
        extent.reindex(finer, null, passed);
    }

    /**
     * Goes on behind damaged bytes with an entry for each; whether there is something good there.
     */
    private static boolean passDamage(
            BatchWalk walk, StorageFile file, SparseIndex index, Extent extent) throws IOException {
        int position = walk.position();
        long offset = walk.offset();
        index.begin(offset, position);
        boolean found =
                BatchSearch.find(
                        walk,
                        file,
                        ExtentFile.DATA,
                        position + 1,
                        extent.coarseEnd,
                        offset,
                        extent.endOffset);
        if (found) {
            index.begin(walk.offset(), walk.position());
        }
        return found;
    }

    /**
     * Seals an extent that grew and no longer does. What is damaged in it keeps its place and a CRC
     * that it does not pass. Under the log's copy lock.
     */
    static void sealGrown(SegmentLog log, Extent extent, SharedFile file) throws IOException {
        SparseIndex known;
        log.lock.lock();
        try {
            known = extent.requireIndex();
        } finally {
            log.lock.unlock();
        }
        seal(log, extent, file, known, NONE, false);
    }

    /**
     * As {@link #sealGrown}, of a copy, which may have gaps.
     *
     * @param refused where bytes begin that are refused whether or not their batches pass
     */
    static void sealCopy(SegmentLog log, Extent extent, SharedFile file, BitSet refused)
            throws IOException {
        seal(log, extent, file, extent.requireIndex(), refused, true);
    }

    /** Checks every batch of a copy, builds its index with block CRCs and seals its file. */
    static void seal(SegmentLog log, Extent extent, SharedFile file) throws IOException {
        seal(log, extent, file, null, NONE, true);
    }

    private static void seal(
            SegmentLog log,
            Extent extent,
            SharedFile file,
            @Nullable SparseIndex known,
            BitSet refused,
            boolean gaps)
            throws IOException {
        var damaged = new BitSet();
        var index = new SparseIndex(extent.size / SparseIndex.BLOCK + 1);
        var walk = new BatchWalk(file.file(), ExtentFile.DATA, 0, extent.baseOffset());
        while (walk.position() < extent.size) {
            boolean kept = refused.get(walk.position());
            long expected = walk.offset();
            boolean sane = gaps && !kept ? walk.peekPastGap(extent.size) : walk.peek(extent.size);
            boolean good =
                    !kept
                            && sane
                            && walk.verify()
                            && extent.epochs.allow(walk.position(), walk.leaderEpoch());
            if (!good && known == null) {
                throw damaged(log, walk, file);
            }
            if (good) {
                index.batch(walk.offset(), walk.position());
                walk.advance();
            } else {
                walk.jump(walk.position(), expected);
                index.begin(expected, walk.position());
                damaged.set(index.count - 1);
                jumpBehind(walk, extent, known, kept ? null : file.file());
                index.begin(walk.offset(), walk.position());
            }
        }
        index.cut(extent.size);
        int[] crcs = new int[index.count];
        for (int i = 0; i < index.count; i++) {
            int end = i + 1 < index.count ? index.positions[i + 1] : extent.size;
            crcs[i] =
                    ExtentFile.salted(
                            (int) walk.crc(index.positions[i], end),
                            extent.name,
                            index.positions[i]);
            crcs[i] = damaged.get(i) ? ~crcs[i] : crcs[i];
        }
        var passed = new BitSet(index.count);
        passed.set(0, index.count);
        passed.andNot(damaged);
        var seal = new Seal(extent.endOffset, extent.size, extent.maxTimestampMillis, index.count);
        ExtentFile.seal(file.file(), extent.name, seal, index.offsets, index.positions, crcs);
        log.lock.lock();
        try {
            extent.seal = seal;
            extent.reindex(index, Arrays.copyOf(crcs, crcs.length), passed);
        } finally {
            log.lock.unlock();
        }
    }

    private static CorruptLogException damaged(SegmentLog log, BatchWalk walk, SharedFile file) {
        return new CorruptLogException(
                "log "
                        + log.name()
                        + ": the batch at offset "
                        + walk.offset()
                        + " fails its check in file '"
                        + file.file().path()
                        + "' at "
                        + (ExtentFile.DATA + walk.position())
                        + "; no copy of it is made");
    }

    /** Goes on at the next good batch, where there is a file to search, or the next known place. */
    private static void jumpBehind(
            BatchWalk walk, Extent extent, SparseIndex known, @Nullable StorageFile search)
            throws IOException {
        int next = known.floorPosition(walk.position()) + 1;
        boolean inside = next < known.count && known.positions[next] <= extent.size;
        long offset = inside ? known.offsets[next] : extent.endOffset;
        int position = inside ? known.positions[next] : extent.size;
        int from = walk.position() + 1;
        long above = walk.offset();
        if (search == null
                || !BatchSearch.find(
                        walk, search, ExtentFile.DATA, from, position, above, offset)) {
            walk.jump(position, offset);
        }
    }
}
