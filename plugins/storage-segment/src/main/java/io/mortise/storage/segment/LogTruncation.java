// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogSlice;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.SharedFile;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Cuts the end of a log. A file that holds more than is kept is never cut in place: slices may be
 * lent from it, and what lies beyond the cut must not be met again. It is replaced by a copy of
 * what is kept. Under the round lock and the log's copy lock; nothing is staged.
 */
final class LogTruncation {
    private static final String NEW = ExtentFile.DIRECTORY + "/new";

    private final FileLayer files;
    private final LogReader reader;

    LogTruncation(FileLayer files, LogReader reader) {
        this.files = files;
        this.reader = reader;
    }

    /** Where the log will end when it is cut at {@code offset}: there, or where a batch begins. */
    long endAfter(SegmentLog log, long offset) throws IOException {
        int last = log.extents.size() - 1;
        while (last > 0 && log.extents.get(last).baseOffset() >= offset) {
            last--;
        }
        Extent extent = log.extents.get(last);
        return extent.endOffset > offset ? placeOf(log, extent, offset).offset : extent.endOffset;
    }

    /** Drops what lies past {@code offset}. */
    void cut(SegmentLog log, long offset) throws IOException {
        boolean names = unnameReplaced(log);
        while (log.extents.size() > 1 && log.active().baseOffset() >= offset) {
            names |= drop(log, log.extents.size() - 1);
        }
        Extent last = log.active();
        if (last.endOffset > offset) {
            Place place = placeOf(log, last, offset);
            if (last.hasFile && (place.position < last.touchedEnd || last.seal != null)) {
                replace(log, log.extents.size() - 1, place);
                names = true;
            } else {
                trim(log, last, place);
            }
        }
        beginUnsealed(log);
        if (names) {
            forceNames(log);
        }
        log.lock.lock();
        try {
            log.endOffset = log.active().endOffset;
            log.startOffset = Math.min(log.startOffset, log.endOffset);
            log.recountOverlay();
        } finally {
            log.lock.unlock();
        }
    }

    private static void beginUnsealed(SegmentLog log) {
        log.lock.lock();
        try {
            if (log.active().seal != null) {
                log.extents.add(new Extent(log.number, log.active().endOffset));
            }
        } finally {
            log.lock.unlock();
        }
    }

    /** Writes anew the files of which nobody knows, after a failure, what is on the disk. */
    void rewrite(SegmentLog log) throws IOException {
        for (int i = 0; i < log.extents.size(); i++) {
            Extent extent = log.extents.get(i);
            boolean known = extent.touchedEnd <= extent.forcedEnd && extent.overlay.isEmpty();
            if (extent.hasFile && extent.seal == null && !known) {
                var whole = new Place();
                whole.position = extent.size;
                whole.offset = extent.endOffset;
                replace(log, i, whole);
            }
        }
        beginUnsealed(log);
        forceNames(log);
    }

    /** Makes durable which files the log's extents have. */
    void forceNames(SegmentLog log) throws IOException {
        files.forceDirectory(ExtentFile.DIRECTORY);
        log.lock.lock();
        try {
            log.extents.forEach(extent -> extent.nameForced |= extent.hasFile);
            log.recountOverlay();
        } finally {
            log.lock.unlock();
        }
    }

    /**
     * Deletes the names of extents that were replaced by one before them. They must be gone before
     * that one is cut, since it would no longer cover them.
     *
     * @return whether there were any
     */
    boolean unnameReplaced(SegmentLog log) throws IOException {
        boolean any = false;
        for (Extent extent = log.replaced.peek(); extent != null; extent = log.replaced.peek()) {
            if (extent.named) {
                files.delete(extent.name.path());
                any = true;
            }
            log.replaced.remove();
        }
        return any;
    }

    /** Takes an extent away; returns whether a name was deleted, which the caller makes durable. */
    boolean drop(SegmentLog log, int index) throws IOException {
        Extent extent = log.extents.get(index);
        boolean named = extent.named;
        if (named) {
            files.delete(extent.name.path());
        }
        log.lock.lock();
        try {
            log.extents.remove(index);
            log.dirty.remove(extent);
            extent.drop();
        } finally {
            log.lock.unlock();
        }
        return named;
    }

    /** A boundary between batches. */
    private static final class Place {
        long offset;
        int position;
        boolean found;
    }

    /** Where the batch begins that holds {@code offset}. */
    private Place placeOf(SegmentLog log, Extent extent, long offset) throws IOException {
        var place = new Place();
        place.offset = extent.baseOffset();
        SparseIndex index = extent.index(files);
        if (offset > place.offset && index.count > 0) {
            int entry = index.floor(offset);
            if (index.offsets[entry] <= offset) { // else offset lies in a gap before the first
                place.offset = index.offsets[entry];
                place.position = index.positions[entry];
            }
        }
        while (!place.found && place.offset < offset) {
            step(log, place, offset);
        }
        return place;
    }

    /**
     * Goes on by the batches that end at or before {@code offset}; one that crosses it ends the
     * search.
     */
    private void step(SegmentLog log, Place place, long offset) throws IOException {
        try (LogSlice slice = reader.readAny(log, place.offset, offset, 1 << 20)) {
            ByteBuffer bytes = Bytes.of(slice);
            int at = 0;
            while (at < bytes.limit() && BatchHeader.lastOffset(bytes, at) < offset) {
                at += BatchHeader.sizeInBytes(bytes, at);
            }
            place.position += at;
            place.found = at < bytes.limit();
            place.offset =
                    place.found
                            ? BatchHeader.baseOffset(bytes, at)
                            : Math.min(offset, slice.nextOffset()); // offset may lie in a gap
        }
    }

    /** Forgets the end of an extent that has nothing of it in its own file. */
    private static void trim(SegmentLog log, Extent extent, Place place) throws IOException {
        int position = place.position;
        log.lock.lock();
        try {
            Piece crossing = null;
            while (!extent.overlay.isEmpty() && crossing == null) {
                Piece last = extent.overlay.get(extent.overlay.count() - 1);
                if (last.position() + last.length() <= position) {
                    break;
                }
                crossing = last.position() < position ? last : null;
                extent.overlay.removeLast();
            }
            if (crossing != null) {
                int length = position - crossing.position();
                extent.overlay.add(
                        new Piece(
                                crossing.position(),
                                length,
                                crossing.base(),
                                place.offset,
                                crossing.file(),
                                crossing.filePosition()));
            }
            extent.requireIndex().cut(position);
            extent.size = position;
            extent.endOffset = place.offset;
            extent.maxTimestampMillis = position == 0 ? -1 : extent.maxTimestampMillis;
        } finally {
            log.lock.unlock();
        }
    }

    /**
     * Puts a sealed copy of what lies before {@code place} in the place of an extent's file; a
     * plain extent without a file if that is nothing.
     */
    private void replace(SegmentLog log, int index, Place place) throws IOException {
        Extent extent = log.extents.get(index);
        var shorter = new Extent(log.number, extent.baseOffset());
        if (place.offset > extent.baseOffset()) {
            var file = new SharedFile(ExtentFile.create(files, NEW, extent.name));
            try {
                copy(log, extent, shorter, place.position, file.file());
                shorter.endOffset = place.offset;
                IndexBuilder.seal(log, shorter, file);
            } finally {
                file.release();
            }
            files.rename(NEW, extent.name.path());
            shorter.ownedUpTo(place.position);
        } else {
            files.delete(extent.name.path());
        }
        log.lock.lock();
        try {
            log.extents.set(index, shorter);
            log.dirty.remove(extent);
            extent.drop();
        } finally {
            log.lock.unlock();
        }
    }

    private void copy(SegmentLog log, Extent from, Extent to, int position, StorageFile file)
            throws IOException {
        while (to.size < position) {
            try (LogSlice slice =
                    reader.readAny(log, to.endOffset, from.endOffset, position - to.size)) {
                ByteBuffer bytes = Bytes.of(slice);
                if (bytes.limit() == 0 || bytes.limit() > position - to.size) {
                    throw new CorruptLogException(
                            "log "
                                    + log.name()
                                    + ": no batch ends at "
                                    + position
                                    + " of '"
                                    + from.name.path()
                                    + "'");
                }
                file.write(bytes.duplicate(), (long) ExtentFile.DATA + to.size);
                to.add(bytes, slice.nextOffset());
            }
        }
    }
}
