// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * Which of a node's log directories ({@code logs.directories}) one is: found by this wherever it is
 * mounted. Any thread; blocks.
 */
public final class LogDirectoryIdentity {
    private final String clusterId;
    private final int nodeId;

    /** Of the directories of one node. */
    public LogDirectoryIdentity(String clusterId, int nodeId) {
        this.clusterId = clusterId;
        this.nodeId = nodeId;
    }

    /**
     * The id that the directory carries, 22 characters of base64url; null if it carries none.
     *
     * @param where the directory, as the operator knows it; for messages
     * @throws RefusedException of another cluster or node, a data directory, of a newer format, or
     *     damaged (CORRUPT)
     */
    public @Nullable String read(FileLayer files, String where) throws IOException {
        DirectoryProperties found = DirectoryProperties.read(files, where);
        if (found == null) {
            return null;
        }
        String cluster = found.text(DirectoryProperties.CLUSTER_ID);
        int node = found.number(DirectoryProperties.NODE_ID);
        if (!cluster.equals(clusterId) || node != nodeId) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "the log directory "
                            + where
                            + " belongs to node "
                            + node
                            + " of cluster "
                            + cluster
                            + ", this is node "
                            + nodeId
                            + " of cluster "
                            + clusterId
                            + "; take it out of logs.directories, or name an empty directory");
        }
        if (found.optional(DirectoryProperties.DIRECTORY_ID) == null) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    where + " is a data directory; logs.directories names others than that");
        }
        return found.text(DirectoryProperties.DIRECTORY_ID);
    }

    /** Gives a directory without identity one; durable when this returns. */
    public String create(FileLayer files, RandomGenerator random) throws IOException {
        String id = DataDirectory.newClusterId(random);
        DirectoryProperties.write(files, clusterId, nodeId, id);
        return id;
    }
}
