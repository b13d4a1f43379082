// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogSlice;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Makes a sealed copy of an extent's first batches. What is damaged comes along as it is and is
 * refused afterwards too; what lies below the log's start is left out. Under the log's copy lock;
 * nothing is staged.
 */
final class ExtentCopy {
    private static final int STEP = 1 << 20;

    private final SegmentLog log;
    private final LogReader reader;
    private final FileLayer files;
    private final Extent from;
    private final Extent to;
    private final SharedFile file;

    /** Where in the copy damaged bytes begin. */
    private final BitSet refused = new BitSet();

    /**
     * Begins.
     *
     * @param to empty
     * @param file of {@code to}, with a header
     */
    ExtentCopy(
            SegmentLog log,
            LogReader reader,
            FileLayer files,
            Extent from,
            Extent to,
            SharedFile file) {
        this.log = log;
        this.reader = reader;
        this.files = files;
        this.from = from;
        this.to = to;
        this.file = file;
    }

    /** Copies what lies before {@code end}, a boundary, and seals the copy. */
    void upTo(long end) throws IOException {
        long next = Math.max(from.baseOffset(), log.startOffset());
        while (next < end) {
            next = step(next, end);
        }
        to.endOffset = end;
        IndexBuilder.sealCopy(log, to, file, refused);
    }

    private long step(long next, long end) throws IOException {
        try (LogSlice slice = reader.readRaw(log, next, end, STEP)) {
            if (slice.nextOffset() <= next || slice.nextOffset() > end) {
                throw new CorruptLogException(
                        "log "
                                + log.name()
                                + ": no batch ends at offset "
                                + end
                                + " of '"
                                + from.name.path()
                                + "'");
            }
            ByteBuffer bytes = Bytes.of(slice);
            file.file().write(bytes.duplicate(), (long) ExtentFile.DATA + to.size);
            to.add(bytes, slice.nextOffset());
            return slice.nextOffset();
        } catch (DamagedBytes damaged) {
            return keep(damaged, end);
        }
    }

    private long keep(DamagedBytes damaged, long end) throws IOException {
        SparseIndex index = to.requireIndex();
        ByteBuffer bytes = raw(damaged.position(), damaged.nextPosition());
        index.begin(Math.max(damaged.offset(), to.endOffset), to.size);
        refused.set(to.size);
        file.file().write(bytes, (long) ExtentFile.DATA + to.size);
        to.size += damaged.nextPosition() - damaged.position();
        to.endOffset = Math.min(damaged.nextOffset(), end);
        index.begin(to.endOffset, to.size);
        return to.endOffset;
    }

    /** Bytes as they are, wherever they lie; zeros where a file has lost its end. */
    private ByteBuffer raw(int begin, int end) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(end - begin);
        int at = begin;
        while (at < end) {
            Piece piece = pieceEndingAfter(at);
            StorageFile source;
            long position;
            int next;
            if (piece != null && piece.position() <= at) {
                source = piece.file().shared().file();
                position = piece.filePosition() + at - piece.position();
                next = Math.min(end, piece.position() + piece.length());
            } else {
                source = from.open(files).file();
                position = (long) ExtentFile.DATA + at;
                next = piece == null ? end : Math.min(end, piece.position());
            }
            var ignored = source.read(bytes.limit(next - begin).position(at - begin), position);
            at = next;
        }
        return bytes.clear();
    }

    private @Nullable Piece pieceEndingAfter(int position) {
        for (int i = 0; i < from.overlay.count(); i++) {
            Piece piece = from.overlay.get(i);
            if (piece.position() + piece.length() > position) {
                return piece;
            }
        }
        return null;
    }
}
