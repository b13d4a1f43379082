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

    /**
     * Beginning of the name of an empty file that is present while the framework does not run: a
     * cache that was not closed may hold half a file. The rest of the name says which bundles came
     * with the broker then: those may be replaced by others of the same name.
     */
    private static final String CLOSED = "cache-of-";

    private static final String DIRECTORY = "plugins";

    private final DiskFileLayer data;
    private final SystemExports exports;
    private final BundleInspection inspection;
    private @Nullable Framework framework;
    private String shipped = "none";
    private boolean outdated;

    BundleSpace(DiskFileLayer data, SystemExports exports) {
        this.data = data;
        this.exports = exports;
        this.inspection = new BundleInspection(exports);
    }

    /** Says which bundles came with the broker, before the first is installed. */
    synchronized void cacheOf(String fingerprint) {
        shipped = fingerprint;
    }

    /** Makes the framework begin with an empty cache, where it has not begun yet. */
    synchronized void forgetCache() {
        outdated = true;
    }

    /**
     * Installs a bundle, or takes it from the cache: a file below data/ never changes, and one that
     * came with the broker has not changed if {@link #cacheOf} has not.
     *
     * @throws RefusedException it is no plugin
     */
    synchronized BundleUnit install(BundleStore.Judged judged) throws IOException {
        BundleFile file = judged.file();
        BundleContents contents = file.contents();
        Bundle bundle = framework().getBundleContext().getBundle(file.location());
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
        return new BundleUnit(this, bundle, judged, contents, inspection);
    }

    /** Whether the bundle is installed. */
    synchronized boolean holds(BundleFile file) {
        return framework != null && framework.getBundleContext().getBundle(file.location()) != null;
    }

    /** Drops cached bundles at other locations. */
    synchronized void retain(Set<String> locations) {
        if (framework == null) {
            forgetCache(); // nothing counts: there is no need to boot for that
            return;
        }
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
            data.open(closedMark(), OpenMode.WRITE).close();
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
            if (!takeClosedMark() || outdated) {
                settings.put(
                        Constants.FRAMEWORK_STORAGE_CLEAN,
                        Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
            }
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

    private String closedMark() {
        return DIRECTORY + "/" + CLOSED + shipped;
    }

    /** Whether the cache is whole and of these bundles; it is not any more from now on. */
    private boolean takeClosedMark() throws IOException {
        boolean good = data.exists(closedMark());
        for (String name : data.list(DIRECTORY)) {
            if (name.startsWith(CLOSED)) {
                data.delete(DIRECTORY + "/" + name);
            }
        }
        if (good) {
            data.forceDirectory(DIRECTORY);
        }
        return good;
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
