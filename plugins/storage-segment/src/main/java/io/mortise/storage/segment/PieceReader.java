// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.storage.segment.Overlay.Piece;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Reads what a log has in a shared file, to be written elsewhere. Of one thread at a time. */
final class PieceReader {
    private final DamageLog damage;
    private final CRC32C crc = new CRC32C();

    PieceReader(DamageLog damage) {
        this.damage = damage;
    }

    /**
     * Adds the piece's bytes to the buffer. Damaged ones are copied as they are: readers find them
     * where they would have been, and refuse them.
     */
    void read(SegmentLog log, Piece piece, ByteBuffer buffer) throws IOException {
        StorageFile shared = piece.file().shared().file();
        int from = buffer.position();
        buffer.limit(from + piece.length());
        var ignored = shared.read(buffer, piece.filePosition());
        boolean whole = !buffer.hasRemaining();
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
        if (!whole || !Batches.good(buffer, from, piece.base(), piece.end(), crc)) {
            String problem =
                    "log "
                            + log.name()
                            + ": a batch between offsets "
                            + piece.base()
                            + " and "
                            + piece.end()
                            + " fails its check in file '"
                            + shared.path()
                            + "' near "
                            + piece.filePosition();
            damage.found(
                    new StorageProblem(
                            log.id,
                            shared.path(),
                            piece.base(),
                            piece.end(),
                            problem,
                            DamageLog.REMEDY));
        }
        buffer.limit(buffer.capacity());
    }
}
