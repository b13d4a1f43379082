// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.LogId;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The file that keeps a partition's state between openings: {@code <shard>/<topic id>-<partition>}.
 * Layout, big endian: magic {@code MPST}, version, length of the body, CRC-32C of the body, body.
 * Replaced as a whole: written beside, forced, renamed. One thread at a time; may block.
 */
final class StateFile {
    private static final Logger LOG = LoggerFactory.getLogger(StateFile.class);
    private static final int MAGIC = 0x4D505354;
    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 4 * Integer.BYTES;

    private final FileLayer files;
    private final String directory;
    private final String path;

    StateFile(FileLayer files, LogId id) {
        this.files = files;
        this.directory = Integer.toString(id.shard());
        this.path = directory + "/" + id.topicId() + "-" + id.partition();
    }

    /**
     * What was written last; null if there is nothing or it is damaged, in which case the whole log
     * is replayed.
     *
     * @throws IOException of a newer version, or the file cannot be read
     */
    @Nullable PartitionState read() throws IOException {
        if (!files.exists(path)) {
            return null;
        }
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer content = content(file);
            return content == null ? null : PartitionState.decode(content);
        } catch (BufferUnderflowException e) {
            LOG.warn("State file {} is damaged; the log is replayed instead", path);
            return null;
        }
    }

    private @Nullable ByteBuffer content(StorageFile file) throws IOException {
        var content = ByteBuffer.allocate(Math.toIntExact(file.size()));
        while (content.hasRemaining() && file.read(content, content.position()) > 0) {
            // Until the end.
        }
        content.flip();
        boolean ours = content.remaining() >= HEADER_BYTES && content.getInt() == MAGIC;
        if (ours) {
            checkVersion(content.getInt());
            int length = content.getInt();
            int crc = content.getInt();
            if (length == content.remaining() && crc == crc(content)) {
                return content;
            }
        }
        LOG.warn("State file {} is damaged; the log is replayed instead", path);
        return null;
    }

    private void checkVersion(int version) throws IOException {
        if (version > VERSION) {
            throw new IOException(
                    path + " has version " + version + "; this broker reads up to " + VERSION);
        }
    }

    private static int crc(ByteBuffer body) {
        var crc = new CRC32C();
        crc.update(body.duplicate());
        return (int) crc.getValue();
    }

    /** Replaces the file; durable when this returns. */
    void write(byte[] body) throws IOException {
        var content = ByteBuffer.allocate(HEADER_BYTES + body.length);
        content.putInt(MAGIC).putInt(VERSION).putInt(body.length);
        content.putInt(crc(ByteBuffer.wrap(body))).put(body).flip();
        String beside = path + ".new";
        files.createDirectories(directory);
        files.delete(beside);
        try (StorageFile file = files.open(beside, OpenMode.CREATE_NEW)) {
            file.write(content, 0);
            file.force();
        }
        files.rename(beside, path);
        files.forceDirectory(directory);
    }

    void delete() throws IOException {
        files.delete(path + ".new");
        files.delete(path);
        if (files.exists(directory)) {
            files.forceDirectory(directory);
        }
    }
}
