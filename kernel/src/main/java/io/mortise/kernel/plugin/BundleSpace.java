// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer.OpenMode;

import org.apache.felix.framework.FrameworkFactory;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.FrameworkWiring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The OSGi framework that holds plugins' bundles. It is booted when the first bundle is needed; its
 * cache stays between starts, and a bundle whose file is what it was is not read again.
 */
final class BundleSpace implements AutoCloseable {
    private static final long REFRESH_SECONDS = 30;

    /** Present while the framework runs: a cache that was not closed may hold half a file. */
    private static final String IN_USE = "plugins/bundle-cache-in-use";

    private final DiskFileLayer data;
    private final SystemExports exports;
    private final BundleInspection inspection;
    private @Nullable Framework framework;

    BundleSpace(DiskFileLayer data, SystemExports exports) {
        this.data = data;
        this.exports = exports;
        this.inspection = new BundleInspection(exports);
    }

    /**
     * Installs a bundle, or takes it from the cache.
     *
     * @param known the identity that the cached bundle was installed with, or null
     * @throws RefusedException it is no plugin
     */
    synchronized BundleUnit install(BundleFile file, @Nullable String known) throws IOException {
        BundleContents contents = file.contents();
        Bundle bundle = framework().getBundleContext().getBundle(file.location());
        if (bundle != null && !file.identity().equals(known)) {
            uninstall(bundle);
            bundle = null;
        }
        try {
            if (bundle == null) {
                bundle = framework().getBundleContext().installBundle(file.location());
            }
        } catch (BundleException refused) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST,
                    contents.descriptor().title()
                            + " cannot be installed: "
                            + refused.getMessage());
        }
        return new BundleUnit(this, bundle, file, contents, inspection);
    }

    /** Drops cached bundles at other locations. */
    synchronized void retain(Set<String> locations) {
        for (Bundle bundle : framework().getBundleContext().getBundles()) {
            if (bundle.getBundleId() != 0 && !locations.contains(bundle.getLocation())) {
                uninstall(bundle);
            }
        }
    }

    /** Drops the wiring of this bundle, and of this alone: plugins are closed. */
    void refresh(Bundle bundle) {
        var done = new CountDownLatch(1);
        framework()
                .adapt(FrameworkWiring.class)
                .refreshBundles(
                        List.of(bundle),
                        event -> {
                            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                                done.countDown();
                            }
                        });
        await(done, bundle);
    }

    void uninstall(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException failed) {
            throw new IllegalStateException("cannot uninstall " + bundle.getLocation(), failed);
        }
        refresh(bundle);
    }

    /** Stops the framework; no plugin may be active any more. */
    @Override
    public synchronized void close() {
        if (framework == null) {
            return;
        }
        try {
            framework.stop();
            framework.waitForStop(TimeUnit.SECONDS.toMillis(REFRESH_SECONDS));
            data.delete(IN_USE);
        } catch (BundleException | IOException failed) {
            throw new IllegalStateException("the plugin framework did not stop", failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        framework = null;
    }

    private synchronized Framework framework() {
        if (framework == null) {
            framework = boot();
        }
        return framework;
    }

    private Framework boot() {
        Path cache = data.root().resolve("bundle-cache");
        Map<String, String> settings = new HashMap<>();
        settings.put(Constants.FRAMEWORK_STORAGE, cache.toString());
        settings.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, exports.header());
        settings.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        settings.put("felix.service.urlhandlers", "false");
        settings.put("felix.log.level", "1");
        try {
            if (data.exists(IN_USE)) {
                settings.put(
                        Constants.FRAMEWORK_STORAGE_CLEAN,
                        Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
            }
            data.open(IN_USE, OpenMode.WRITE).close();
            Framework booted = new FrameworkFactory().newFramework(settings);
            booted.start();
            return booted;
        } catch (BundleException | IOException failed) {
            throw new IllegalStateException(
                    "the plugin framework does not start over its cache "
                            + cache
                            + "; the cache may be deleted while the broker is down",
                    failed);
        }
    }

    private static void await(CountDownLatch done, Bundle bundle) {
        try {
            if (!done.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        "no refresh of "
                                + bundle.getLocation()
                                + " within "
                                + REFRESH_SECONDS
                                + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
