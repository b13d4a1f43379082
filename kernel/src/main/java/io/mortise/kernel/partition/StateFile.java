// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.SmallFile;
import io.mortise.spi.LogId;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Keeps a partition's state between openings, in {@code <shard>/<topic id>-<partition>}: an {@link
 * PartitionState} in a {@link SmallFile} with magic {@code MPST}. One thread at a time; may block.
 */
final class StateFile {
    private static final int MAGIC = 0x4D505354;
    private static final int VERSION = 2;

    private final SmallFile file;

    StateFile(FileLayer files, LogId id) {
        String directory = Integer.toString(id.shard());
        String name = id.topicId() + "-" + id.partition();
        this.file = new SmallFile(files, directory, name, MAGIC, VERSION);
    }

    /** What was written last; null if there is nothing: the whole log is replayed then. */
    @Nullable PartitionState read() throws IOException {
        ByteBuffer body = file.read();
        return body == null ? null : PartitionState.decode(body);
    }

    void write(byte[] state) throws IOException {
        file.write(state);
    }

    void delete() throws IOException {
        file.delete();
    }
}
