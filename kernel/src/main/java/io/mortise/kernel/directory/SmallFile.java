// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.directory;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A file that is replaced as a whole: written beside, forced, renamed. Layout, big endian: magic,
 * version, length of the body, CRC-32C of the body, body. One thread at a time; may block.
 */
public final class SmallFile {
    private static final Logger LOG = LoggerFactory.getLogger(SmallFile.class);
    private static final int HEADER_BYTES = 4 * Integer.BYTES;

    private final FileLayer files;
    private final String directory;
    private final String path;
    private final int magic;
    private final int version;

    /**
     * @param directory empty for the root
     */
    public SmallFile(FileLayer files, String directory, String name, int magic, int version) {
        this.files = files;
        this.directory = directory;
        this.path = directory.isEmpty() ? name : directory + "/" + name;
        this.magic = magic;
        this.version = version;
    }

    public String path() {
        return path;
    }

    public boolean exists() throws IOException {
        return files.exists(path);
    }

    /**
     * The body that was written last; null if there is none or it is damaged.
     *
     * @throws IOException it has a newer version, or cannot be read
     */
    public @Nullable ByteBuffer read() throws IOException {
        if (!files.exists(path)) {
            return null;
        }
        ByteBuffer body = body(content());
        if (body == null) {
            LOG.warn("File {} is damaged, or of an older version, and passed over", path);
        }
        return body;
    }

    private ByteBuffer content() throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            var content = ByteBuffer.allocate(Math.toIntExact(file.size()));
            while (content.hasRemaining() && file.read(content, content.position()) > 0) {
                // Until the end.
            }
            return content.flip();
        }
    }

    private @Nullable ByteBuffer body(ByteBuffer content) throws IOException {
        if (content.remaining() < HEADER_BYTES || content.getInt() != magic) {
            return null;
        }
        int found = content.getInt();
        if (found > version) {
            throw new IOException(
                    path + " has version " + found + "; this broker reads up to " + version);
        }
        if (found < version) {
            return null; // what it holds can be found out again
        }
        int length = content.getInt();
        int crc = content.getInt();
        return length == content.remaining() && crc == crc(content) ? content : null;
    }

    private static int crc(ByteBuffer body) {
        var crc = new CRC32C();
        crc.update(body.duplicate());
        return (int) crc.getValue();
    }

    /** Replaces the file; durable when this returns. */
    public void write(byte[] body) throws IOException {
        var content = ByteBuffer.allocate(HEADER_BYTES + body.length);
        content.putInt(magic).putInt(version).putInt(body.length);
        content.putInt(crc(ByteBuffer.wrap(body))).put(body).flip();
        String beside = path + ".new";
        if (!directory.isEmpty()) {
            files.createDirectories(directory);
        }
        files.delete(beside);
        try (StorageFile file = files.open(beside, OpenMode.CREATE_NEW)) {
            file.write(content, 0);
            file.force();
        }
        files.rename(beside, path);
        files.forceDirectory(directory);
    }

    /** Durable when this returns; absent is no error. */
    public void delete() throws IOException {
        if (files.exists(path) || files.exists(path + ".new")) {
            files.delete(path + ".new");
            files.delete(path);
            files.forceDirectory(directory);
        }
    }
}
