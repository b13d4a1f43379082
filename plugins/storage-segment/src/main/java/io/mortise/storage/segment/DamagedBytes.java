// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.CorruptLogException;

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

    /**
     * A range of an extent.
     *
     * @param path of the file that has the bytes
     * @param filePosition in it
     */
    DamagedBytes(
            SegmentLog log,
            String path,
            long filePosition,
            long offset,
            int position,
            long nextOffset,
            int nextPosition) {
        super(
                "log "
                        + log.name()
                        + ": the batch at offset "
                        + offset
                        + " fails its check in file '"
                        + path
                        + "' at "
                        + filePosition
                        + "; offsets "
                        + offset
                        + " to "
                        + (nextOffset - 1)
                        + " are refused");
        this.path = path;
        this.offset = offset;
        this.nextOffset = nextOffset;
        this.position = position;
        this.nextPosition = nextPosition;
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
        return new CorruptLogException(getMessage(), path, offset, nextOffset);
    }
}
