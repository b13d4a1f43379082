// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata.ratis;

import io.mortise.kernel.metadata.DataDirectory;
import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.kernel.metadata.MetadataLogSuite;
import io.mortise.kernel.runtime.SystemClock;

import org.junit.jupiter.api.io.TempDir;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** The suite of every carrier over a group of one. */
final class RatisMetadataLogTest extends MetadataLogSuite {
    private static final String CLUSTER = DataDirectory.newClusterId(new Random(5));

    @TempDir Path folder;

    @Override
    protected MetadataLog carrier() throws Exception {
        List<RatisSettings.Peer> peers =
                List.of(new RatisSettings.Peer(0, "127.0.0.1", freePort()));
        return new RatisMetadataLog(
                new RatisSettings(folder.resolve("raft"), CLUSTER, 0, peers, 150, 300, 30_000),
                List.of(),
                new Random(),
                new SystemClock());
    }

    static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
