// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.LogSlice;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.ExtentFile.Name;
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
    private static final int STEP = 1 << 20;

    private final FileLayer files;
    private final LogReader reader;

    /** Whether what was deleted or renamed since the engine began is durable. */
    private volatile boolean namesForced = true;

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
        return extent.endOffset > offset ? placeOf(log, extent, offset).offset() : extent.endOffset;
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
            if (last.hasFile && (place.position() < last.touchedEnd || last.seal != null)) {
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
                replace(log, i, new Place(extent.endOffset, extent.size));
            }
        }
        beginUnsealed(log);
        forceNames(log);
    }

    /** Makes durable which files the log's extents have. */
    void forceNames(SegmentLog log) throws IOException {
        forceNames();
        log.lock.lock();
        try {
            log.extents.forEach(extent -> extent.nameForced |= extent.hasFile);
            log.recountOverlay();
        } finally {
            log.lock.unlock();
        }
    }

    /** Makes durable what was deleted or renamed, of whichever log. */
    void forceNames() throws IOException {
        namesForced = true;
        try {
            files.forceDirectory(ExtentFile.DIRECTORY);
        } catch (IOException failure) {
            namesForced = false;
            throw failure;
        }
    }

    /** Whether no file that was taken away can come back. */
    boolean namesForced() {
        return namesForced;
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
                namesForced = false;
                files.delete(extent.name.path());
                any = true;
            }
            log.replaced.remove();
        }
        return any;
    }

    /** Deletes whatever there is of a log that could not be recovered. */
    void deleteAll(long number) throws IOException {
        for (String file : files.list(ExtentFile.DIRECTORY)) {
            Name name = Name.parse(file);
            if (name != null && name.log() == number) {
                files.delete(name.path());
            }
        }
    }

    /** Takes an extent away; returns whether a name was deleted, which the caller makes durable. */
    boolean drop(SegmentLog log, int index) throws IOException {
        Extent extent = log.extents.get(index);
        boolean named = extent.named;
        if (named) {
            namesForced = false;
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

    /** Where the log can end so that it holds nothing from {@code offset} on. */
    private Place placeOf(SegmentLog log, Extent extent, long offset) throws IOException {
        var place = new Place(extent.baseOffset(), 0);
        SparseIndex index = extent.index(log, files);
        if (offset > place.offset() && index.count > 0) {
            int entry = index.floor(offset);
            if (index.offsets[entry] <= offset) { // else offset lies in a gap before the first
                place = new Place(index.offsets[entry], index.positions[entry]);
            }
        }
        while (place.offset() < offset) {
            Place next = step(log, extent, place, offset);
            if (next.equals(place)) {
                return place; // a batch crosses the offset
            }
            place = next;
        }
        return place;
    }

    /** Goes on by the batches that end at or before {@code offset}, damaged ones too. */
    private Place step(SegmentLog log, Extent extent, Place place, long offset) throws IOException {
        try (LogSlice slice = reader.readRaw(log, place.offset(), offset, STEP)) {
            ByteBuffer bytes = Bytes.of(slice);
            int at = 0;
            while (at < bytes.limit() && BatchHeader.lastOffset(bytes, at) < offset) {
                at += BatchHeader.sizeInBytes(bytes, at);
            }
            long next =
                    at < bytes.limit()
                            ? BatchHeader.baseOffset(bytes, at)
                            : Math.min(offset, slice.nextOffset()); // offset may lie in a gap
            return known(extent, new Place(next, place.position() + at));
        } catch (DamagedBytes damaged) {
            return new Place(Math.min(offset, damaged.nextOffset()), damaged.nextPosition());
        }
    }

    /** A piece whose batches are damaged may have bytes behind the last good one. */
    private static Place known(Extent extent, Place place) {
        int next = extent.overlay.firstEndingAfter(place.offset());
        boolean begins =
                next < extent.overlay.count() && extent.overlay.get(next).base() == place.offset();
        return begins ? new Place(place.offset(), extent.overlay.get(next).position()) : place;
    }

    /** Forgets the end of an extent that has nothing of it in its own file. */
    private static void trim(SegmentLog log, Extent extent, Place place) throws IOException {
        int position = place.position();
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
                                place.offset(),
                                crossing.file(),
                                crossing.filePosition()));
            }
            extent.requireIndex().cut(position);
            extent.epochs = extent.epochs.cut(position);
            extent.size = position;
            extent.endOffset = place.offset();
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
        namesForced = false;
        if (place.offset() > extent.baseOffset()) {
            var file = new SharedFile(ExtentFile.create(files, NEW, extent.name));
            try {
                var copy = new ExtentCopy(log, reader, files, extent, shorter, file);
                copy.upTo(place.offset());
            } finally {
                file.release();
            }
            files.rename(NEW, extent.name.path());
            shorter.ownedUpTo(shorter.size);
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
}
