// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.SmallFile;
import io.mortise.spi.runtime.FileLayer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Leader epochs never go back, even if nothing that was written under one survived: clients take an
 * epoch older than one they have seen for stale, and would for ever. One file remembers the highest
 * epoch that this node has led any partition under, so that a start costs one write, not one per
 * partition: magic {@code MPEF}, one int. Nothing else knows that epoch, so the file is kept twice,
 * and no partition is led under an epoch before both have it. Any thread; may block.
 */
public final class EpochFloor {
    private static final Logger LOG = LoggerFactory.getLogger(EpochFloor.class);
    private static final int MAGIC = 0x4D504546;
    private static final int VERSION = 1;

    private final SmallFile file;
    private final SmallFile copy;
    private int highest = -1;
    private int floor = -1;

    private boolean refused;

    /**
     * @param files of the partitions' states
     */
    public EpochFloor(FileLayer files) {
        this.file = new SmallFile(files, "", "epoch", MAGIC, VERSION);
        this.copy = new SmallFile(files, "", "epoch.copy", MAGIC, VERSION);
    }

    /**
     * An epoch of at least {@code least} that no earlier process has used; durable.
     *
     * @throws IOException the files are damaged, of a newer version, or cannot be read or written
     */
    public synchronized int reach(int least) throws IOException {
        if (floor < 0) {
            highest = stored();
            floor = highest + 1;
        }
        int epoch = Math.max(least, floor);
        if (epoch > highest) {
            write(epoch);
        }
        return epoch;
    }

    private int stored() throws IOException {
        int first = epoch(file);
        int second = epoch(copy);
        boolean damaged = (first < 0 && file.exists()) || (second < 0 && copy.exists());
        if (damaged && first < 0 && second < 0) {
            throw lost();
        }
        if (damaged) {
            LOG.warn(
                    "Of {} and {}, which say the same, one is damaged; the other is believed, and"
                            + " both are written anew",
                    file.path(),
                    copy.path());
        }
        return Math.max(first, second);
    }

    private static int epoch(SmallFile from) throws IOException {
        ByteBuffer stored = from.read();
        return stored == null || stored.remaining() != Integer.BYTES ? -1 : stored.getInt();
    }

    /** Epochs in the logs are no floor: a partition may have led under later ones and kept none. */
    private IOException lost() {
        String message =
                file.path()
                        + " and "
                        + copy.path()
                        + " (below partitions/ of the data directory) are damaged or absent, so"
                        + " it is not known which leader epochs clients have seen, and no"
                        + " partition is led. Restore one of the two from a backup that is not"
                        + " older than the last start. If there is none, stop this broker, stop"
                        + " every Kafka client, delete both files and start again: epochs then go"
                        + " on from those in the logs, and no message is lost";
        if (!refused) {
            refused = true;
            LOG.error(message);
        }
        return new IOException(message);
    }

    /**
     * One after the other: a crash leaves one of them whole, and nobody led under the new epoch.
     */
    private void write(int epoch) throws IOException {
        byte[] body = ByteBuffer.allocate(Integer.BYTES).putInt(epoch).array();
        file.write(body);
        copy.write(body);
        highest = epoch;
    }
}
