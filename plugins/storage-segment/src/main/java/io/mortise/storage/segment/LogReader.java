// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.OffsetOutOfRangeException;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.BatchWalk;
import io.mortise.storage.segment.file.EpochRuns;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.Frame;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Reads: what is staged and what the commit log holds is copied, what an own file holds is lent as
 * a region. Where the bytes are is found out under the log's lock, the files are read outside of
 * it. Any thread.
 */
final class LogReader {
    private final FileLayer files;
    private final DamageLog damage;
    private final ArrayBlockingQueue<BatchWalk> walks = new ArrayBlockingQueue<>(16);

    LogReader(FileLayer files, DamageLog damage) {
        this.files = files;
        this.damage = damage;
    }

    LogSlice read(SegmentLog log, long offset, long limit, int maxBytes) throws IOException {
        log.requireHealthy();
        if (offset > log.endOffset()) {
            throw outOfRange(log, offset);
        }
        try {
            return read(log, offset, limit, maxBytes, true);
        } catch (DamagedBytes damaged) {
            throw damaged.refusal();
        }
    }

    private static OffsetOutOfRangeException outOfRange(SegmentLog log, long offset) {
        return new OffsetOutOfRangeException(
                "log "
                        + log.name()
                        + " was asked for offset "
                        + offset
                        + ", it has "
                        + log.startOffset()
                        + " to "
                        + log.endOffset());
    }

    /**
     * As {@link #read}, of a log that failed, below its start or past a cut under way too. Whatever
     * was checked before is checked again.
     */
    LogSlice readAny(SegmentLog log, long offset, long limit, int maxBytes) throws IOException {
        try {
            return readRaw(log, offset, limit, maxBytes);
        } catch (DamagedBytes damaged) {
            throw damaged.refusal();
        }
    }

    /**
     * As {@link #readAny}, for who keeps what is damaged.
     *
     * @throws DamagedBytes where a batch fails its check
     */
    LogSlice readRaw(SegmentLog log, long offset, long limit, int maxBytes) throws IOException {
        return read(log, offset, limit, maxBytes, false);
    }

    private LogSlice read(
            SegmentLog log, long offset, long limit, int maxBytes, boolean withinBounds)
            throws IOException {
        long next = offset;
        while (true) {
            LogSlice slice = readExtent(log, next, limit, maxBytes, withinBounds);
            boolean gap = slice.parts().isEmpty() && slice.nextOffset() > next;
            if (!gap) {
                return slice.parts().isEmpty() ? SegmentSlice.empty(offset, next) : slice;
            }
            next = slice.nextOffset();
        }
    }

    /** Reads in the extent that holds {@code offset}; empty up to its end if nothing is left. */
    private LogSlice readExtent(
            SegmentLog log, long offset, long limit, int maxBytes, boolean withinBounds)
            throws IOException {
        List<Piece> pieces;
        EpochRuns epochs;
        OwnRange own;
        log.lock.lock();
        try {
            log.requireThere();
            // Under the lock: extents beyond either bound may go, and nobody may open a name again.
            if (withinBounds && offset < log.startOffset) {
                throw outOfRange(log, offset);
            }
            long end = withinBounds ? Math.min(log.endOffset, log.voidFrom) : log.endOffset;
            if (offset >= Math.min(limit, end)) {
                return SegmentSlice.empty(offset, offset);
            }
            Extent extent = log.extentOf(offset);
            if (extent.size == 0) {
                return SegmentSlice.empty(offset, Math.min(limit, extent.endOffset));
            }
            if (extent.coarseEnd > 0) {
                IndexBuilder.refine(files, extent);
            }
            LogSlice staged = staged(log, extent, offset, limit, maxBytes);
            if (staged != null) {
                return staged;
            }
            epochs = extent.epochs;
            int first = extent.overlay.firstEndingAfter(offset);
            boolean overlaid =
                    first < extent.overlay.count() && extent.overlay.get(first).base() <= offset;
            pieces = overlaid ? pieces(extent, first, limit, maxBytes) : List.of();
            own = overlaid ? null : OwnRange.of(log, extent, first, offset, limit, maxBytes, files);
            if (own != null && !withinBounds) {
                own.trustNothing(); // who copies makes new checksums
            }
        } finally {
            log.lock.unlock();
        }
        try {
            return own != null
                    ? own(log, own, offset, limit, maxBytes)
                    : overlaid(log, pieces, epochs, offset, limit, maxBytes);
        } catch (DamagedBytes damaged) {
            damage.refused(log.id, damaged);
            throw damaged;
        }
    }

    private static @Nullable LogSlice staged(
            SegmentLog log, Extent extent, long offset, long limit, int maxBytes) {
        for (Chunk chunk : log.staged) {
            if (chunk.extent == extent && chunk.base <= offset && offset < chunk.end) {
                ByteBuffer bytes = ByteBuffer.allocate(chunk.length);
                bytes.put(0, chunk.buffer, Frame.SIZE, chunk.length);
                return within(bytes, offset, limit, maxBytes);
            }
        }
        return null;
    }

    /**
     * The part of whole good batches that a read may have, from the one that holds {@code offset}.
     */
    private static LogSlice within(ByteBuffer bytes, long offset, long limit, int maxBytes) {
        int from = 0;
        while (BatchHeader.lastOffset(bytes, from) < offset) {
            from += BatchHeader.sizeInBytes(bytes, from);
        }
        int to = from;
        long next = BatchHeader.baseOffset(bytes, from);
        long base = next;
        while (to < bytes.limit() && next < limit) {
            int size = BatchHeader.sizeInBytes(bytes, to);
            if (to > from && to + size - from > maxBytes) {
                break;
            }
            next = BatchHeader.lastOffset(bytes, to) + 1;
            to += size;
        }
        return to == from
                ? SegmentSlice.empty(offset, offset)
                : SegmentSlice.memory(base, next, bytes.slice(from, to - from));
    }

    /** Pieces that follow each other without a gap; their files are retained. */
    private static List<Piece> pieces(Extent extent, int first, long limit, int maxBytes) {
        var pieces = new ArrayList<Piece>();
        int bytes = 0;
        for (int i = first; i < extent.overlay.count(); i++) {
            Piece piece = extent.overlay.get(i);
            Piece before = pieces.isEmpty() ? null : pieces.getLast();
            boolean follows =
                    before == null || before.position() + before.length() == piece.position();
            if (!follows || (before != null && (bytes >= maxBytes || piece.base() >= limit))) {
                break;
            }
            piece.file().shared().retain();
            pieces.add(piece);
            bytes += piece.length();
        }
        return pieces;
    }

    private static LogSlice overlaid(
            SegmentLog log,
            List<Piece> pieces,
            EpochRuns epochs,
            long offset,
            long limit,
            int maxBytes)
            throws IOException {
        try {
            var scan = new PieceScan(log, epochs, offset, limit, maxBytes);
            return scan.run(pieces);
        } finally {
            pieces.forEach(piece -> piece.file().shared().release());
        }
    }

    private LogSlice own(SegmentLog log, OwnRange range, long offset, long limit, int maxBytes)
            throws IOException {
        SharedFile file = range.file();
        BatchWalk walk = walks.poll();
        if (walk == null) {
            walk = BatchWalk.kept(file.file());
        }
        boolean lent = false;
        try {
            var scan = new OwnScan(log, range, walk, offset, limit, maxBytes);
            scan.run();
            lent = scan.length() > 0;
            if (lent) {
                long at = (long) ExtentFile.DATA + scan.from();
                return SegmentSlice.region(scan.base(), scan.next(), file, at, scan.length());
            }
            return SegmentSlice.empty(offset, scan.afterGap());
        } finally {
            if (!lent) {
                file.release();
            }
            var ignored = walks.offer(walk);
        }
    }
}
