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
import org.junit.jupiter.api.TestInstance;
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

/** An engine passes the kit out of the bundle that is shipped, among its own classes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class InFelix extends LogStorageTck {
    @TempDir private static Path cache;
    private final String plugin;
    private Framework framework;
    private Bundle bundle;

    InFelix(String plugin) {
        this.plugin = plugin;
    }

    @BeforeAll
    void install() throws BundleException {
        String exports = SystemExports.of(InFelix.class.getClassLoader()).header();
        framework =
                new FrameworkFactory()
                        .newFramework(
                                Map.of(
                                        Constants.FRAMEWORK_STORAGE,
                                        cache.resolve(plugin).toString(),
                                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                                        exports,
                                        "felix.service.urlhandlers",
                                        "false"));
        framework.start();
        Path jar =
                Shipped.bundles().stream()
                        .filter(it -> it.getFileName().toString().contains(plugin))
                        .findFirst()
                        .orElseThrow();
        bundle = framework.getBundleContext().installBundle(jar.toUri().toString());
        bundle.start();
    }

    @AfterAll
    void stop() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(TimeUnit.SECONDS.toMillis(30));
    }

    @Override
    protected StorageEngineProvider provider() {
        ClassLoader loader = bundle.adapt(BundleWiring.class).getClassLoader();
        return ServiceLoader.load(StorageEngineProvider.class, loader).findFirst().orElseThrow();
    }

    @Test
    void itIsTheBundlesOwnClass() {
        assertThat(provider().getClass().getClassLoader())
                .isNotSameAs(getClass().getClassLoader())
                .isInstanceOf(org.osgi.framework.BundleReference.class);
    }
}
