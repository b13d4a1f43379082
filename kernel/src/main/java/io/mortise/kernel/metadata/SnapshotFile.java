// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.runtime.FileLayer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A snapshot in a file of checked frames, the last one empty: without that end mark it is not
 * whole.
 */
public final class SnapshotFile {
    private SnapshotFile() {}

    /**
     * Writes beside {@code path} and renames: a file of the final name is always whole, and durable
     * when this returns.
     *
     * @param directory that holds {@code path}
     * @param index of the first entry that the snapshot does not hold
     */
    public static void write(
            FileLayer files, String directory, String path, long index, List<byte[]> chunks)
            throws IOException {
        List<byte[]> frames = new ArrayList<>(chunks);
        frames.add(new byte[0]);
        FrameFile.writeWhole(files, directory, path, LocalFiles.SNAPSHOT_MAGIC, index, frames)
                .close();
    }

    /** Reads one; the message of a failure names the file. */
    public static List<byte[]> read(FileLayer files, String path) throws IOException {
        try (FrameFile file = FrameFile.open(files, path, LocalFiles.SNAPSHOT_MAGIC)) {
            List<byte[]> frames = file.readAll();
            if (file.torn() || frames.isEmpty() || frames.getLast().length != 0) {
                throw new MetadataFormatException(
                        path + ": the snapshot is not complete; restore it from a copy");
            }
            return frames.subList(0, frames.size() - 1);
        }
    }
}
