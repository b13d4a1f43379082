// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogSlice;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.EpochRuns;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads and checks what lies in shared files, from the batch that holds an offset on. */
final class PieceScan {
    private final SegmentLog log;
    private final EpochRuns epochs;
    private final long offset;
    private final long limit;
    private final int maxBytes;
    private final CRC32C crc = new CRC32C();
    private int from = -1;
    private int to;
    private long base;
    private long next;
    private boolean done;

    PieceScan(SegmentLog log, EpochRuns epochs, long offset, long limit, int maxBytes) {
        this.log = log;
        this.epochs = epochs;
        this.offset = offset;
        this.limit = limit;
        this.maxBytes = maxBytes;
    }

    /** The first piece holds the offset, the others follow it. */
    LogSlice run(List<Piece> pieces) throws IOException {
        int bytes = 0;
        for (Piece piece : pieces) {
            bytes += piece.length();
        }
        ByteBuffer copy = ByteBuffer.allocate(bytes);
        int at = 0;
        for (int i = 0; i < pieces.size() && !done; i++) {
            Piece piece = pieces.get(i);
            copy.limit(at + piece.length()).position(at);
            var ignored = piece.file().shared().file().read(copy, piece.filePosition());
            scan(piece, copy.limit(copy.position()), at);
            at += piece.length();
        }
        return from < 0
                ? SegmentSlice.empty(offset, offset)
                : SegmentSlice.memory(base, next, copy.clear().slice(from, to - from));
    }

    private void scan(Piece piece, ByteBuffer bytes, int start) throws DamagedBytes {
        long expected = piece.base();
        int end = start + piece.length();
        int at = start;
        while (at < end && !done) {
            boolean sane = Batches.sane(bytes, at, expected, piece.end());
            if (sane && BatchHeader.lastOffset(bytes, at) >= offset && stopsBefore(bytes, at)) {
                done = true;
            } else if (!sane || !passes(bytes, at, piece.position() + at - start)) {
                at = damaged(piece, bytes, start, at, expected);
                expected = done ? expected : BatchHeader.baseOffset(bytes, at);
            } else if (BatchHeader.lastOffset(bytes, at) < offset) {
                expected = BatchHeader.lastOffset(bytes, at) + 1;
                at += BatchHeader.sizeInBytes(bytes, at);
            } else {
                take(bytes, at);
                expected = next;
                at = to;
            }
        }
    }

    private boolean passes(ByteBuffer bytes, int at, int position) {
        return Batches.passes(bytes, at, crc)
                && epochs.allow(position, BatchHeader.leaderEpoch(bytes, at));
    }

    private boolean stopsBefore(ByteBuffer bytes, int at) {
        return BatchHeader.baseOffset(bytes, at) >= limit
                || (from >= 0 && at + BatchHeader.sizeInBytes(bytes, at) - from > maxBytes);
    }

    private void take(ByteBuffer bytes, int at) {
        if (from < 0) {
            from = at;
            base = BatchHeader.baseOffset(bytes, at);
        }
        to = at + BatchHeader.sizeInBytes(bytes, at);
        next = BatchHeader.lastOffset(bytes, at) + 1;
    }

    /** Where to go on behind damage, unless what is wanted lies in it or was found before it. */
    private int damaged(Piece piece, ByteBuffer bytes, int start, int at, long bad)
            throws DamagedBytes {
        done = from >= 0;
        if (done) {
            return at;
        }
        int found = Batches.find(bytes, at + 1, bad, piece.end(), crc);
        long behind = found < 0 ? piece.end() : BatchHeader.baseOffset(bytes, found);
        if (offset < behind) {
            int length = found < 0 ? piece.length() : found - start;
            throw DamagedBytes.batches(
                    log,
                    piece.file().shared().file().path(),
                    piece.filePosition() + at - start,
                    new Place(bad, piece.position() + at - start),
                    new Place(behind, piece.position() + length));
        }
        return found;
    }
}
