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
import io.mortise.kernel.plugin.SystemExports;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.SystemRandom;
import io.mortise.kernel.runtime.VirtualThreadScheduler;

import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

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
                        config.metadata(),
                        files,
                        directory.clusterId(),
                        node,
                        scheduler,
                        random,
                        new SystemClock());
        Metadata metadata = Metadata.open(log, scheduler, random);
        metadata.meter(metrics.kernel());
        metadata.nameCluster(directory.clusterId()).toCompletableFuture().join();
        if (!felix) {
            return List.of(directory, scheduler, metrics, metadata);
        }
        return List.of(directory, scheduler, metrics, metadata, framework(data));
    }

    /** As io.mortise.kernel.plugin.BundleSpace boots it. */
    private static Framework framework(Path data) throws IOException {
        Map<String, String> settings =
                Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        data.resolve("bundle-cache").toString(),
                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                        SystemExports.of(SystemExports.class.getClassLoader()).header(),
                        Constants.FRAMEWORK_BSNVERSION,
                        Constants.FRAMEWORK_BSNVERSION_MULTIPLE,
                        "felix.service.urlhandlers",
                        "false");
        try {
            Framework framework = new FrameworkFactory().newFramework(settings);
            framework.start();
            return framework;
        } catch (BundleException failed) {
            throw new IOException(failed);
        }
    }
}
