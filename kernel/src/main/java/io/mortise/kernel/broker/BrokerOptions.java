// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.config.BrokerConfig;
import io.mortise.kernel.config.ListenerConfig;
import io.mortise.kernel.config.LogsConfig;
import io.mortise.kernel.config.UsersFile;
import io.mortise.kernel.listener.ListenerSettings;
import io.mortise.kernel.partition.PartitionOptions;
import io.mortise.kernel.plugin.BundleTrust;
import io.mortise.kernel.plugin.TrustedKeys;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Everything that a broker is started with.
 *
 * @param data its directory
 * @param home what paths in the configuration are relative to
 * @param keys directory of the public keys whose plugins are trusted; may be absent
 * @param users to be imported at start, or null
 * @param bundles directory of the bundles to run, or null for the flat class path
 * @param classPathPlugins which plugins of the class path are wanted, by id
 * @param ephemeral whether listeners without a port of their own get a free one
 * @param ports by listener name; win over the configuration
 * @param aroundLogs what stands between the logs and a directory that keeps them
 */
record BrokerOptions(
        Path data,
        Path home,
        Path keys,
        BrokerConfig config,
        @Nullable UsersFile users,
        @Nullable Path bundles,
        Predicate<String> classPathPlugins,
        boolean ephemeral,
        Map<String, Integer> ports,
        BiFunction<Path, FileLayer, FileLayer> aroundLogs) {
    BrokerOptions {
        ports = Map.copyOf(ports);
    }

    /** Bounds and intervals of the logs as configured. */
    PartitionOptions partitions() {
        LogsConfig logs = config.logs();
        return PartitionOptions.defaults()
                .withRing(logs.ringBytes(), logs.unwrittenBytes())
                .withSnapshotBytes(logs.snapshotBytes())
                .withIntervals(
                        TimeUnit.SECONDS.toMillis(logs.producerExpirySeconds()),
                        TimeUnit.SECONDS.toNanos(logs.retentionCheckSeconds()),
                        TimeUnit.SECONDS.toNanos(logs.compactionCheckSeconds()))
                .withCompactionMapBytes(logs.compactionMapBytes());
    }

    /**
     * The directories that keep logs, as configured.
     *
     * @param files of the data directory
     * @throws io.mortise.spi.RefusedException one lies in another
     */
    LogDisks logDisks(DiskFileLayer files) {
        List<Path> others =
                config.logs().directories().stream()
                        .map(it -> home.resolve(it).toAbsolutePath().normalize())
                        .toList();
        return new LogDisks(files, others, aroundLogs);
    }

    /** Whose plugins are believed, as configured. */
    BundleTrust bundleTrust() throws IOException {
        Path root = keys.getRoot(); // so that no directory comes into being by looking for it
        String below = root.relativize(keys).toString();
        return new BundleTrust(
                new TrustedKeys(new DiskFileLayer(root), below, keys.toString()),
                config.requireSignedPlugins());
    }

    /** The listener as configured, with its TLS files read. */
    ListenerSettings listener(String name, TlsFiles files) {
        ListenerConfig listener = config.listener(name);
        int configured = listener.port() == 0 ? (ephemeral ? 0 : -1) : listener.port();
        Advertised advertised = Advertised.parse(listener.advertised());
        return new ListenerSettings(
                listener.bind(),
                ports.getOrDefault(name, configured),
                listener.tls() == null ? null : files.read(home, name, listener.tls()),
                listener.maxConnections(),
                advertised.host(),
                advertised.port());
    }

    /** What clients are told: {@code host}, {@code host:port} or {@code [v6]:port}. */
    private record Advertised(@Nullable String host, int port) {
        static Advertised parse(@Nullable String text) {
            if (text == null) {
                return new Advertised(null, 0);
            }
            int colon = text.lastIndexOf(':');
            boolean bareSix = colon >= 0 && text.indexOf(':') != colon && !text.startsWith("[");
            if (colon < 0 || bareSix || text.endsWith("]")) {
                return new Advertised(text.replaceAll("[\\[\\]]", ""), 0);
            }
            String host = text.substring(0, colon).replaceAll("[\\[\\]]", "");
            return new Advertised(host, Integer.parseInt(text.substring(colon + 1)));
        }
    }
}
