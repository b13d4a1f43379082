// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.plugin.SystemExports;
import io.mortise.spi.storage.StorageEngineProvider;
import io.mortise.spi.testing.tck.LogStorageTck;

import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleWiring;

import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;

/** The segment engine passes the kit out of the bundle that is shipped, among its own classes. */
final class SegmentInFelixTest extends LogStorageTck {
    private static final Map<String, String> SMALL =
            Map.of(
                    "commitFileBytes", "20000",
                    "commitLogBytes", "50000",
                    "ownRoundBytes", "6000",
                    "ownFileBytes", "4000",
                    "stagingBytes", "40000",
                    "checkpointSeconds", "30");

    @TempDir private static Path cache;
    private static Framework framework;
    private static Bundle bundle;

    @BeforeAll
    static void install() throws BundleException {
        String exports = SystemExports.of(SegmentInFelixTest.class.getClassLoader()).header();
        framework =
                new FrameworkFactory()
                        .newFramework(
                                Map.of(
                                        Constants.FRAMEWORK_STORAGE,
                                        cache.toString(),
                                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                                        exports,
                                        "felix.service.urlhandlers",
                                        "false"));
        framework.start();
        Path jar =
                Shipped.bundles().stream()
                        .filter(it -> it.getFileName().toString().contains("storage-segment"))
                        .findFirst()
                        .orElseThrow();
        bundle = framework.getBundleContext().installBundle(jar.toUri().toString());
        bundle.start();
    }

    @AfterAll
    static void stop() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(TimeUnit.SECONDS.toMillis(30));
    }

    @Override
    protected StorageEngineProvider provider() {
        ClassLoader loader = bundle.adapt(BundleWiring.class).getClassLoader();
        return ServiceLoader.load(StorageEngineProvider.class, loader).findFirst().orElseThrow();
    }

    @Override
    protected Map<String, String> settings() {
        return SMALL;
    }

    @Override
    protected int greatestOpenFiles(int logs, int extents) {
        return logs + extents + 50;
    }

    @Test
    void itIsTheBundlesOwnClass() {
        assertThat(provider().getClass().getClassLoader())
                .isNotSameAs(getClass().getClassLoader())
                .isInstanceOf(org.osgi.framework.BundleReference.class);
    }
}
