// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.runtime.FileLayer;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Leader epochs never go back, even if nothing that was written under one survived: clients take an
 * epoch older than one they have seen for stale, and would for ever. One file remembers the highest
 * epoch that this node has led any partition under, so that a start costs one write, not one per
 * partition: magic {@code MPEF}, one int. Any thread; may block.
 */
final class EpochFloor {
    private static final int MAGIC = 0x4D504546;
    private static final int VERSION = 1;

    private final SmallFile file;
    private int highest = -1;
    private int floor = -1;

    EpochFloor(FileLayer files) {
        this.file = new SmallFile(files, "", "epoch", MAGIC, VERSION);
    }

    /** An epoch of at least {@code least} that no earlier process has used; durable. */
    synchronized int reach(int least) throws IOException {
        if (floor < 0) {
            ByteBuffer stored = file.read();
            highest = stored == null ? -1 : stored.getInt();
            floor = highest + 1;
        }
        int epoch = Math.max(least, floor);
        if (epoch > highest) {
            file.write(ByteBuffer.allocate(Integer.BYTES).putInt(epoch).array());
            highest = epoch;
        }
        return epoch;
    }
}
