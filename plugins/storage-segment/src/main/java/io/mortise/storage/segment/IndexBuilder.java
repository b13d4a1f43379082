// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.storage.segment.file.BatchWalk;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Seal;
import io.mortise.storage.segment.file.SharedFile;

import java.io.IOException;
import java.util.Arrays;

/** Builds indexes from the batches in own files. */
final class IndexBuilder {
    private IndexBuilder() {}

    /**
     * Indexes the part of an extent that recovery trusted without a look. Under the log's lock: it
     * happens once after a restart, for at most one extent's bytes.
     */
    static void refine(FileLayer files, Extent extent) throws IOException {
        SparseIndex coarse = extent.requireIndex();
        var finer = new SparseIndex(extent.coarseEnd / SparseIndex.BLOCK + coarse.count);
        var walk =
                new BatchWalk(extent.open(files).file(), ExtentFile.DATA, 0, extent.baseOffset());
        while (walk.position() < extent.coarseEnd && walk.peek(extent.coarseEnd)) {
            finer.batch(walk.offset(), walk.position());
            walk.advance();
        }
        for (int i = 0; i < coarse.count; i++) {
            if (coarse.positions[i] >= extent.coarseEnd) {
                finer.add(coarse.offsets[i], coarse.positions[i]);
            }
        }
        extent.reindex(finer, null);
    }

    /**
     * Checks every batch of an extent that no longer grows, builds its index with block CRCs and
     * seals its file. Under the log's copy lock.
     */
    static void seal(SegmentLog log, Extent extent, SharedFile file) throws IOException {
        var index = new SparseIndex(extent.size / SparseIndex.BLOCK + 1);
        var walk = new BatchWalk(file.file(), ExtentFile.DATA, 0, extent.baseOffset());
        while (walk.position() < extent.size) {
            if (!walk.peekPastGap(extent.size) || !walk.verify()) {
                throw new CorruptLogException(
                        "log "
                                + log.name()
                                + ": the batch at offset "
                                + walk.offset()
                                + " fails its check in file '"
                                + file.file().path()
                                + "'; the extent is not sealed");
            }
            index.batch(walk.offset(), walk.position());
            walk.advance();
        }
        int[] crcs = new int[index.count];
        for (int i = 0; i < index.count; i++) {
            int end = i + 1 < index.count ? index.positions[i + 1] : extent.size;
            crcs[i] =
                    ExtentFile.salted(
                            (int) walk.crc(index.positions[i], end),
                            extent.name,
                            index.positions[i]);
        }
        var seal = new Seal(extent.endOffset, extent.size, extent.maxTimestampMillis, index.count);
        ExtentFile.seal(file.file(), extent.name, seal, index.offsets, index.positions, crcs);
        log.lock.lock();
        try {
            extent.seal = seal;
            extent.reindex(index, Arrays.copyOf(crcs, crcs.length));
        } finally {
            log.lock.unlock();
        }
    }
}
