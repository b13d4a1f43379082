// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench;

import io.mortise.kernel.config.BrokerConfig;
import io.mortise.kernel.config.ConfigException;
import io.mortise.kernel.metadata.DataDirectory;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.kernel.metadata.ratis.MetadataCarriers;
import io.mortise.kernel.metrics.BrokerMetrics;
import io.mortise.kernel.metrics.ProcessMetrics;
import io.mortise.kernel.plugin.BundleStore;
import io.mortise.kernel.plugin.PluginHost;
import io.mortise.kernel.plugin.SystemExports;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SystemRandom;
import io.mortise.kernel.runtime.VirtualThreadScheduler;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/**
 * The first steps of a broker's start, each with those before it, for the table that divides the
 * cost of a start: {@code jvm} does nothing, {@code metadata} opens a data directory with the local
 * carrier, {@code felix} boots the plugin framework without a plugin. Says READY and waits to be
 * killed, so that its CPU and memory can be read.
 */
public final class StartStep {
    private StartStep() {}

    /** Arguments: the step, the data directory. */
    public static void main(String[] arguments)
            throws IOException, InterruptedException, ConfigException {
        String step = arguments[0];
        Path data = Path.of(arguments[1]);
        List<Object> held =
                switch (step) {
                    case "jvm" -> List.of();
                    case "metadata" -> rooms(data, false);
                    case "felix" -> rooms(data, true);
                    default -> throw new IllegalArgumentException("no step '" + step + "'");
                };
        System.out.println("READY " + step + " holds " + held.size());
        new CountDownLatch(1).await();
    }

    /** As io.mortise.kernel.broker.BrokerRooms does it. */
    private static List<Object> rooms(Path data, boolean felix)
            throws IOException, ConfigException {
        RandomGenerator random = SystemRandom.secure();
        var config = BrokerConfig.defaults();
        var files = new DiskFileLayer(data);
        int node = config.nodeId();
        var directory = DataDirectory.open(files, data.toString(), node, null, random);
        var scheduler = new VirtualThreadScheduler("mortise");
        var metrics = new BrokerMetrics();
        ProcessMetrics.register(metrics.kernel());
        MetadataLog log =
                MetadataCarriers.choose(
                        config.metadata(), files, directory.clusterId(), node, scheduler, random);
        Metadata metadata = Metadata.open(log, scheduler, random);
        metadata.meter(metrics.kernel());
        metadata.nameCluster(directory.clusterId()).toCompletableFuture().join();
        if (!felix) {
            return List.of(directory, scheduler, metrics, metadata);
        }
        return List.of(directory, scheduler, metrics, metadata, host(files, data, scheduler));
    }

    private static PluginHost host(DiskFileLayer files, Path data, VirtualThreadScheduler scheduler)
            throws IOException {
        var exports = SystemExports.of(PluginHost.class.getClassLoader());
        var shipped = new DiskFileLayer(data.resolve("no-bundles"));
        var store = new BundleStore(files, shipped, exports, 1);
        var host = new PluginHost(store, scheduler, id -> Map.of(), id -> () -> {}, 0);
        host.addBundles();
        return host;
    }
}
