// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.Base64;
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
            DirectoryProperties properties = DirectoryProperties.read(files, where);
            if (properties == null) {
                String fresh = clusterId == null ? newClusterId(random) : clusterId;
                DirectoryProperties.write(files, fresh, nodeId, null);
                return new DataDirectory(files, fresh, nodeId, lock);
            }
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
            DirectoryProperties properties, String where, int nodeId, @Nullable String clusterId) {
        int node = properties.number(DirectoryProperties.NODE_ID);
        if (node != nodeId) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    where + " holds the data of node " + node + ", configured is node " + nodeId);
        }
        if (properties.optional(DirectoryProperties.DIRECTORY_ID) != null) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    where
                            + " is a log directory of node "
                            + node
                            + ", not its data directory; start with --data of that, and name this"
                            + " one in logs.directories");
        }
        String cluster = properties.text(DirectoryProperties.CLUSTER_ID);
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

    @Override
    public void close() {
        lock.close();
    }
}
