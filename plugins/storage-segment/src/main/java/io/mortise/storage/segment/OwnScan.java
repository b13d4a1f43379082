// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.storage.segment.file.BatchSearch;
import io.mortise.storage.segment.file.BatchWalk;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Seal;

import java.io.IOException;

/**
 * Finds in an own file where a slice begins and ends, and checks what it covers: a block that was
 * checked before is stepped over, any other has each batch checked (or all at once by the block's
 * CRC, if the extent is sealed).
 */
final class OwnScan {
    private final SegmentLog log;
    private final OwnRange range;
    private final BatchWalk walk;
    private final long offset;
    private final long limit;
    private final int maxBytes;
    private int from = -1;
    private int to;
    private long base;
    private long next;
    private boolean done;

    OwnScan(SegmentLog log, OwnRange range, BatchWalk walk, long offset, long limit, int maxBytes) {
        this.log = log;
        this.range = range;
        this.walk = walk;
        this.offset = offset;
        this.limit = limit;
        this.maxBytes = maxBytes;
    }

    int from() {
        return from;
    }

    int length() {
        return from < 0 ? 0 : to - from;
    }

    long base() {
        return base;
    }

    long next() {
        return next;
    }

    void run() throws IOException {
        walk.restart(
                range.file().file(), ExtentFile.DATA, range.positions()[0], range.offsets()[0]);
        walk.bound(range.end());
        for (int block = 0; block < range.positions().length && !done; block++) {
            block(block);
        }
        boolean atEnd = walk.position() == range.end();
        if (length() == 0 && !done && !(range.crcs() != null && atEnd)) {
            throw corrupt(walk.offset(), walk.position(), nextKnown(walk.position()));
        }
    }

    /** Where to read on if nothing was found: only a sealed extent has gaps. */
    long afterGap() {
        Seal seal = range.extent().seal;
        boolean left = done || seal == null || range.end() < seal.size();
        return left ? limit : Math.min(limit, seal.endOffset());
    }

    private void block(int block) throws IOException {
        walk.jump(range.positions()[block], range.offsets()[block]);
        int end = range.endOf(block);
        boolean checked = range.verified()[block] || passesAsWhole(block, end);
        if (checked && !done && range.offsets()[block] == offset) {
            begin(range.positions()[block], offset);
        }
        if (done || (checked && takeWhole(block, end))) {
            return;
        }
        boolean good = true;
        while (!done && walk.position() < end) {
            good &= batch(block, end, checked);
        }
        if (good && walk.position() == end && range.whole()[block]) {
            remember(block);
        }
    }

    /**
     * Sealed extents have a CRC for each block, which covers what the batches' own CRCs leave out.
     */
    private boolean passesAsWhole(int block, int end) throws IOException {
        int[] crcs = range.crcs();
        if (crcs == null || !range.whole()[block]) {
            return false;
        }
        int index = range.firstBlock() + block;
        long found = walk.crc(range.positions()[block], end);
        if (ExtentFile.salted((int) found, range.extent().name, range.positions()[block])
                == crcs[index]) {
            remember(block);
            return true;
        }
        if (length() > 0) {
            done = true;
        } else if (batchesPass(block, end)) {
            int position = range.positions()[block];
            throw corrupt(range.offsets()[block], position, nextKnown(position));
        }
        return false;
    }

    /** Whether it is not a batch that fails, but what batches do not check. */
    private boolean batchesPass(int block, int end) throws IOException {
        boolean pass = true;
        while (pass && walk.position() < end) {
            pass = walk.peekPastGap(end) && walk.verify();
            if (pass) {
                walk.advance();
            }
        }
        walk.jump(range.positions()[block], range.offsets()[block]);
        return pass;
    }

    private Place nextKnown(int position) {
        return log.nextKnown(range.extent(), position);
    }

    /**
     * Takes a checked block without looking at its batches, if the slice has begun and has room;
     * ends the slice before one that it has no room for.
     */
    private boolean takeWhole(int block, int end) {
        boolean room = end - from <= maxBytes;
        if (length() > 0 && !room) {
            done = true;
        } else if (from >= 0 && room && range.offsets()[block + 1] <= limit) {
            to = end;
            next = range.offsets()[block + 1];
        } else {
            return false;
        }
        return true;
    }

    /** Looks at one batch; returns whether it is good. */
    private boolean batch(int block, int end, boolean checked) throws IOException {
        boolean sane = range.crcs() == null ? walk.peek(end) : walk.peekPastGap(end);
        if (sane && walk.lastOffset() >= offset && stopsBefore()) {
            done = true;
            return true;
        }
        if (!sane || !(checked || verify())) {
            passDamage(block, end);
            return false;
        }
        if (walk.lastOffset() >= offset) {
            take();
        }
        walk.advance();
        return true;
    }

    private boolean verify() throws IOException {
        return walk.verify() && range.epochs().allow(walk.position(), walk.leaderEpoch());
    }

    private boolean stopsBefore() {
        return walk.offset() >= limit
                || (length() > 0 && walk.position() + walk.size() - from > maxBytes);
    }

    /**
     * Goes on behind damaged bytes, unless what is wanted lies in them or was found before them.
     */
    private void passDamage(int block, int end) throws IOException {
        done = length() > 0;
        if (done) {
            return;
        }
        long bad = walk.offset();
        int position = walk.position();
        boolean last = block + 1 == range.positions().length;
        long below = last ? Long.MAX_VALUE : range.offsets()[block + 1];
        var file = range.file().file();
        boolean found =
                BatchSearch.find(walk, file, ExtentFile.DATA, position + 1, end, bad, below);
        Place behind = found ? new Place(walk.offset(), walk.position()) : nextKnown(end - 1);
        if (!found || offset < behind.offset()) {
            throw corrupt(bad, position, behind);
        }
    }

    private void take() {
        begin(walk.position(), walk.offset());
        to = walk.position() + walk.size();
        next = walk.lastOffset() + 1;
    }

    private void begin(int position, long first) {
        if (from < 0) {
            from = position;
            to = position;
            base = first;
        }
    }

    private void remember(int block) {
        log.lock.lock();
        try {
            range.verifiedBlocks().set(range.firstBlock() + block);
        } finally {
            log.lock.unlock();
        }
    }

    private DamagedBytes corrupt(long bad, int position, Place behind) {
        String path = range.file().file().path();
        long filePosition = (long) ExtentFile.DATA + position;
        return DamagedBytes.batches(log, path, filePosition, new Place(bad, position), behind);
    }
}
