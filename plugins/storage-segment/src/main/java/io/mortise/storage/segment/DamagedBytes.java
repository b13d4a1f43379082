// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.LogId;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.storage.segment.file.ExtentFile;

import java.io.IOException;

/**
 * Bytes of an extent that fail their check: from a batch's place to the next one where a read can
 * go on. Positions count as the extent's do.
 */
final class DamagedBytes extends IOException {
    private static final long serialVersionUID = 1;

    private final String path;
    private final long offset;
    private final long nextOffset;
    private final int position;
    private final int nextPosition;

    private DamagedBytes(
            SegmentLog log,
            String what,
            String path,
            long filePosition,
            Place begin,
            Place behind) {
        super(
                "log "
                        + log.name()
                        + ": "
                        + what
                        + " fails its check in file '"
                        + path
                        + "' at "
                        + filePosition
                        + "; offsets "
                        + begin.offset()
                        + " to "
                        + (behind.offset() - 1)
                        + " are refused");
        this.path = path;
        offset = begin.offset();
        nextOffset = behind.offset();
        position = begin.position();
        nextPosition = behind.position();
    }

    /**
     * A range of batches.
     *
     * @param path of the file that has the bytes
     * @param filePosition in it
     */
    static DamagedBytes batches(
            SegmentLog log, String path, long filePosition, Place begin, Place behind) {
        String what = "the batch at offset " + begin.offset();
        return new DamagedBytes(log, what, path, filePosition, begin, behind);
    }

    /** All of a sealed extent: nobody knows where its batches lie. */
    static DamagedBytes index(SegmentLog log, Extent extent) {
        return new DamagedBytes(
                log,
                "the index",
                extent.name.path(),
                (long) ExtentFile.DATA + extent.size,
                new Place(extent.baseOffset(), 0),
                new Place(extent.endOffset, extent.size));
    }

    long offset() {
        return offset;
    }

    long nextOffset() {
        return nextOffset;
    }

    int position() {
        return position;
    }

    int nextPosition() {
        return nextPosition;
    }

    /** As readers are told. */
    CorruptLogException refusal() {
        return new CorruptLogException(
                getMessage() + "; " + DamageLog.REMEDY, path, offset, nextOffset);
    }

    /** As operators are told. */
    StorageProblem problem(LogId log) {
        String problem = String.valueOf(getMessage());
        return new StorageProblem(log, path, offset, nextOffset, problem, DamageLog.REMEDY);
    }
}
