// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.runtime.FileLayer;

import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Names of the local carrier's files: {@code log-INDEX} and {@code snapshot-INDEX}, twenty digits
 * each.
 */
final class LocalFiles {
    /** "MRTSMLOG". */
    static final long LOG_MAGIC = 0x4D5254_534D4C4F47L;

    /** "MRTSMSNP". */
    static final long SNAPSHOT_MAGIC = 0x4D5254_534D534E50L;

    static final String LOG = "log-";
    static final String SNAPSHOT = "snapshot-";
    static final String TEMPORARY = FrameFile.TEMPORARY;

    private LocalFiles() {}

    static String logName(long firstIndex) {
        return LOG + String.format(Locale.ROOT, "%020d", firstIndex);
    }

    /**
     * @param nextIndex of the first entry that the snapshot does not hold
     */
    static String snapshotName(long nextIndex) {
        return SNAPSHOT + String.format(Locale.ROOT, "%020d", nextIndex);
    }

    static long index(String name) {
        return Long.parseLong(name.substring(name.indexOf('-') + 1));
    }

    static FrameFile createLog(FileLayer files, String directory, long next) throws IOException {
        String path = directory + "/" + logName(next);
        return FrameFile.writeWhole(files, directory, path, LOG_MAGIC, next, List.of());
    }

    static void deleteBelow(FileLayer files, String directory, long index) throws IOException {
        for (String name : files.list(directory)) {
            boolean ours = name.startsWith(LOG) || name.startsWith(SNAPSHOT);
            if (name.endsWith(TEMPORARY) || (ours && index(name) < index)) {
                files.delete(directory + "/" + name);
            }
        }
    }
}
