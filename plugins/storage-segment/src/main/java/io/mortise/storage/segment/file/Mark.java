// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.StorageFile;
import io.mortise.storage.segment.file.ExtentFile.Name;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What an extent's file says of its own bytes while it grows, in the sectors behind its header,
 * used in turn. Bytes that no mark vouches for are no data, whatever they look like: they may be
 * left from a torn write or from the file's former life. Positions count from {@link
 * ExtentFile#DATA}.
 *
 * @param sequence of marks of this file, which says the sector
 * @param follows all of the log before this extent was durable when the mark was written: what is
 *     missing there was damaged
 * @param settled bytes below were acknowledged as durable, in this file or in the commit log: what
 *     is not there any more was damaged
 * @param durable own bytes below were durable when the mark was written, but for what is in the
 *     commit log
 * @param from first byte that was written since
 * @param to one past the last
 * @param crc of the bytes between
 * @param epochs of all batches, wherever they lie yet
 */
public record Mark(
        long sequence,
        boolean follows,
        int settled,
        int durable,
        int from,
        int to,
        int crc,
        EpochRuns epochs) {
    private static final int SECTOR = 512;
    private static final int SECTORS = ExtentFile.DATA / SECTOR - 1;
    private static final int SIZE = 36;

    /** Writes into the next sector; nothing is forced. */
    public void write(StorageFile file, Name name) throws IOException {
        ByteBuffer mark = ByteBuffer.allocate(SIZE + epochs.size());
        mark.putInt(0).putLong(sequence);
        mark.putInt(durable).putInt(from).putInt(to).putInt(crc).putInt(settled);
        epochs.put(mark.putInt(follows ? 1 : 0));
        mark.putInt(0, checksum(mark, name)).clear();
        file.write(mark, SECTOR * (1 + sequence % SECTORS));
    }

    /**
     * Has all marks say that own bytes end at {@code end}, where the file is about to be cut: none
     * is left that says more. All before the extent is durable. Durable when this returns.
     *
     * @return the last mark's sequence
     */
    public static long settle(StorageFile file, Name name, long sequence, int end, EpochRuns epochs)
            throws IOException {
        for (int i = 1; i <= SECTORS; i++) {
            new Mark(sequence + i, true, end, end, 0, 0, 0, epochs).write(file, name);
        }
        file.force();
        return sequence + SECTORS;
    }

    /** All that pass their CRC, in no order. */
    public static List<Mark> read(StorageFile file, Name name) throws IOException {
        ByteBuffer page = ByteBuffer.allocate(ExtentFile.DATA);
        var ignored = file.read(page, 0);
        var marks = new ArrayList<Mark>();
        for (int i = 1; i <= SECTORS; i++) {
            ByteBuffer mark = page.slice(i * SECTOR, SECTOR);
            int runs = EpochRuns.size(mark, SIZE);
            mark.limit(SIZE + Math.max(0, runs));
            if (runs > 0 && mark.getInt(0) == checksum(mark, name) && mark.getLong(4) > 0) {
                marks.add(
                        new Mark(
                                mark.getLong(4),
                                mark.getInt(32) == 1,
                                mark.getInt(28),
                                mark.getInt(12),
                                mark.getInt(16),
                                mark.getInt(20),
                                mark.getInt(24),
                                EpochRuns.read(mark.position(SIZE))));
            }
        }
        return marks;
    }

    private static int checksum(ByteBuffer mark, Name name) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putLong(name.log()).putLong(name.baseOffset()).flip());
        crc.update(mark.duplicate().position(4));
        return (int) crc.getValue();
    }
}
