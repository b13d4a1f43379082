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
 * Keeps which logs a partition consists of, in {@code <shard>/<topic id>-<partition>.generations},
 * a {@link SmallFile} with magic {@code MPGN}. Absent while there is only the first. Nothing else
 * knows it, so it is kept twice. One thread at a time; may block.
 */
public final class GenerationFile {
    private static final int MAGIC = 0x4D50474E;
    private static final int VERSION = 1;

    private final SmallFile file;
    private final SmallFile copy;

    /**
     * @param files of the partitions' states
     * @param id of the partition
     */
    public GenerationFile(FileLayer files, LogId id) {
        String directory = Integer.toString(id.shard());
        String name = id.topicId() + "-" + id.partition() + ".generations";
        this.file = new SmallFile(files, directory, name, MAGIC, VERSION);
        this.copy = new SmallFile(files, directory, name + ".copy", MAGIC, VERSION);
    }

    /**
     * What was written last; null if there is nothing.
     *
     * @throws IOException both files are damaged, one is of a newer version, or cannot be read
     */
    @Nullable GenerationList read() throws IOException {
        ByteBuffer body = file.read();
        if (body == null) {
            body = copy.read();
        }
        if (body == null && (file.exists() || copy.exists())) {
            throw new IOException(
                    file.path()
                            + " and "
                            + copy.path()
                            + " (below partitions/ of the data directory) are damaged, so it is not"
                            + " known which logs this partition consists of. Restore one of the two"
                            + " from a backup");
        }
        return body == null ? null : GenerationList.decode(body);
    }

    /** The next opening goes by it; durable when this returns. */
    void write(GenerationList list) throws IOException {
        byte[] body = list.encode();
        file.write(body);
        copy.write(body);
    }

    /** Says that a partition consists of one log, which is not the topic's first generation. */
    public void writeOnly(LogId id, String engine, long startOffset) throws IOException {
        write(GenerationList.of(new Generation(id.generation(), engine, startOffset)));
    }

    void delete() throws IOException {
        file.delete();
        copy.delete();
    }
}
