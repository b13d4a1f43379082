// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.SmallFile;
import io.mortise.spi.LogId;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Says which log directory keeps a partition, in {@code <shard>/<topic id>-<partition>.place}: the
 * directory's id in a {@link SmallFile} with magic {@code MPPD}. What the data directory keeps has
 * none. One thread at a time; may block.
 */
final class PlaceFile {
    private static final int MAGIC = 0x4D505044;
    private static final int VERSION = 1;

    private final SmallFile file;

    PlaceFile(FileLayer states, LogId id) {
        String directory = Integer.toString(id.shard());
        String name = id.topicId() + "-" + id.partition() + ".place";
        this.file = new SmallFile(states, directory, name, MAGIC, VERSION);
    }

    String path() {
        return file.path();
    }

    boolean exists() throws IOException {
        return file.exists();
    }

    /** The directory's id; null if there is none or it is damaged. */
    @Nullable String read() throws IOException {
        ByteBuffer body = file.read();
        return body == null ? null : StandardCharsets.UTF_8.decode(body).toString();
    }

    void write(String directoryId) throws IOException {
        file.write(directoryId.getBytes(StandardCharsets.UTF_8));
    }

    void delete() throws IOException {
        file.delete();
    }
}
