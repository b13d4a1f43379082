// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** {@code meta.properties}: says of a directory whose it is. Written once, as a whole. */
final class DirectoryProperties {
    static final String FILE = "meta.properties";
    static final String CLUSTER_ID = "cluster.id";
    static final String NODE_ID = "node.id";

    /** Only a directory of {@code logs.directories} has one. */
    static final String DIRECTORY_ID = "directory.id";

    private static final String VERSION = "format.version";

    private final Properties properties;
    private final String where;

    private DirectoryProperties(Properties properties, String where) {
        this.properties = properties;
        this.where = where;
    }

    /**
     * What the directory says; null if it says nothing.
     *
     * @param where the directory, as the operator knows it; for messages
     * @throws RefusedException of a newer format, or damaged
     */
    static @Nullable DirectoryProperties read(FileLayer files, String where) throws IOException {
        if (!files.exists(FILE)) {
            return null;
        }
        var read = new DirectoryProperties(load(files), where);
        int version = read.number(VERSION);
        if (version > DataDirectory.FORMAT_VERSION) {
            throw new RefusedException(
                    Reason.UNSUPPORTED,
                    where
                            + "/"
                            + FILE
                            + " has format version "
                            + version
                            + ", this version of Mortise understands "
                            + DataDirectory.FORMAT_VERSION
                            + " and below");
        }
        return read;
    }

    private static Properties load(FileLayer files) throws IOException {
        try (StorageFile file = files.open(FILE, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), 1 << 16));
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) >= 0) {}
            Properties properties = new Properties();
            properties.load(
                    new StringReader(
                            new String(
                                    bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)));
            return properties;
        }
    }

    /** Durable when this returns. */
    static void write(FileLayer files, String clusterId, int nodeId, @Nullable String directoryId)
            throws IOException {
        String text =
                "# Which data this is. Written once; do not edit.\n"
                        + (VERSION + "=" + DataDirectory.FORMAT_VERSION + "\n")
                        + (CLUSTER_ID + "=" + clusterId + "\n")
                        + (NODE_ID + "=" + nodeId + "\n")
                        + (directoryId == null ? "" : DIRECTORY_ID + "=" + directoryId + "\n");
        String temporary = FILE + ".tmp";
        files.delete(temporary);
        try (StorageFile file = files.open(temporary, OpenMode.CREATE_NEW)) {
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            file.force();
        }
        files.rename(temporary, FILE);
        files.forceDirectory("");
    }

    @Nullable String optional(String key) {
        String value = properties.getProperty(key);
        return value == null ? null : value.trim();
    }

    String text(String key) {
        String value = optional(key);
        if (value == null) {
            throw new RefusedException(
                    Reason.CORRUPT,
                    where + "/" + FILE + " has no '" + key + "'; restore it from a copy");
        }
        return value;
    }

    int number(String key) {
        String value = text(key);
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException damaged) {
            throw new RefusedException(
                    Reason.CORRUPT,
                    where
                            + "/"
                            + FILE
                            + " has '"
                            + key
                            + "' as '"
                            + value
                            + "', which is no number; restore it from a copy");
        }
    }
}
