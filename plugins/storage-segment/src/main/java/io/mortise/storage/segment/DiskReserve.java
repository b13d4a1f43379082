// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.storage.segment.file.CommitFile;

import java.io.IOException;

/**
 * Stops appends before the disk is full, so that what must be written to go on (truncations,
 * copies, checkpoints) still can be; takes them again as soon as there is room. Writer thread.
 */
final class DiskReserve {
    private static final long GREATEST_CREDIT = 4 << 20;

    private final FileLayer files;
    private final long reserveBytes;

    /** Bytes that may be appended before the disk is asked again. */
    private long credit;

    DiskReserve(FileLayer files, long reserveBytes) {
        this.files = files;
        this.reserveBytes = reserveBytes;
    }

    /** Refuses an append that would leave less than the reserve. */
    void require(SegmentLog log, int bytes) throws IOException {
        credit -= bytes;
        if (credit >= 0 || reserveBytes == 0) {
            return;
        }
        long left = files.usableBytes() - reserveBytes - 2L * bytes; // written twice at most
        if (left < 0) {
            throw new IOException(
                    "log "
                            + log.name()
                            + ": an append of "
                            + bytes
                            + " bytes at offset "
                            + log.endOffset()
                            + " to '"
                            + CommitFile.DIRECTORY
                            + "' or '"
                            + log.active().name.path()
                            + "' is refused: the disk has "
                            + (left + reserveBytes + 2L * bytes)
                            + " bytes left, reserveBytes is "
                            + reserveBytes
                            + "; free space, and appends are taken again");
        }
        credit = Math.min(GREATEST_CREDIT, left / 4);
    }
}
