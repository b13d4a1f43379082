// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Properties;
import java.util.random.RandomGenerator;

/**
 * A data directory that this process owns: locked while open, and marked with what it is.
 *
 * @param clusterId 22 characters of base64url
 * @param nodeId of the node whose data this is
 * @param lock held until closed
 */
public record DataDirectory(FileLayer files, String clusterId, int nodeId, Registration lock)
        implements AutoCloseable {
    /** Version of the directory's layout. */
    public static final int FORMAT_VERSION = 1;

    private static final String LOCK = "lock";
    private static final String PROPERTIES = "meta.properties";
    private static final String VERSION = "format.version";
    private static final String CLUSTER_ID = "cluster.id";
    private static final String NODE_ID = "node.id";

    /**
     * Locks the directory; a new one is marked with a fresh cluster id, or with {@code clusterId}
     * where the node joins others.
     *
     * @param where the directory, as the operator knows it; for messages
     * @throws RefusedException in use, of a newer format, or of another cluster or node
     */
    public static DataDirectory open(
            FileLayer files,
            String where,
            int nodeId,
            @Nullable String clusterId,
            RandomGenerator random)
            throws IOException {
        Registration lock = lock(files, where);
        try {
            if (!files.exists(PROPERTIES)) {
                write(files, clusterId == null ? newClusterId(random) : clusterId, nodeId);
            }
            Properties properties = read(files);
            String found = check(properties, where, nodeId, clusterId);
            return new DataDirectory(files, found, nodeId, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * 16 random bytes as base64url; never with a leading hyphen, which command lines take for an
     * option.
     */
    public static String newClusterId(RandomGenerator random) {
        byte[] bytes = new byte[16];
        String id;
        do {
            random.nextBytes(bytes);
            id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } while (id.startsWith("-"));
        return id;
    }

    private static Registration lock(FileLayer files, String where) {
        try {
            return files.lock(LOCK);
        } catch (IOException e) {
            throw new RefusedException(
                    Reason.IN_USE,
                    "the data directory "
                            + where
                            + " is in use by another Mortise, or cannot be locked: "
                            + e.getMessage()
                            + "; stop that one, or start with another --data directory");
        }
    }

    private static String check(
            Properties properties, String where, int nodeId, @Nullable String clusterId) {
        int version = Integer.parseInt(text(properties, VERSION, where));
        if (version > FORMAT_VERSION) {
            throw new RefusedException(
                    Reason.UNSUPPORTED,
                    where
                            + "/"
                            + PROPERTIES
                            + " has format version "
                            + version
                            + ", this version of Mortise understands "
                            + FORMAT_VERSION
                            + " and below");
        }
        int node = Integer.parseInt(text(properties, NODE_ID, where));
        if (node != nodeId) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    where + " holds the data of node " + node + ", configured is node " + nodeId);
        }
        String cluster = text(properties, CLUSTER_ID, where);
        if (clusterId != null && !cluster.equals(clusterId)) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    where
                            + " belongs to cluster "
                            + cluster
                            + ", configured is cluster "
                            + clusterId);
        }
        return cluster;
    }

    private static String text(Properties properties, String key, String where) {
        String value = properties.getProperty(key);
        if (value == null) {
            throw new RefusedException(
                    Reason.CORRUPT,
                    where + "/" + PROPERTIES + " has no '" + key + "'; restore it from a copy");
        }
        return value.trim();
    }

    private static Properties read(FileLayer files) throws IOException {
        try (StorageFile file = files.open(PROPERTIES, OpenMode.READ)) {
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

    private static void write(FileLayer files, String clusterId, int nodeId) throws IOException {
        String text =
                "# Which data this is. Written once; do not edit.\n"
                        + (VERSION + "=" + FORMAT_VERSION + "\n")
                        + (CLUSTER_ID + "=" + clusterId + "\n")
                        + (NODE_ID + "=" + nodeId + "\n");
        String temporary = PROPERTIES + ".tmp";
        files.delete(temporary);
        try (StorageFile file = files.open(temporary, OpenMode.CREATE_NEW)) {
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            file.force();
        }
        files.rename(temporary, PROPERTIES);
        files.forceDirectory("");
    }

    @Override
    public void close() {
        lock.close();
    }
}
