// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.pax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemPackage;

import io.mortise.kernel.plugin.SystemExports;
import io.mortise.tests.distribution.Shipped;

import net.bytebuddy.ByteBuddy;

import org.assertj.core.api.Assertions;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Pax Exam starts a framework whose system bundle offers what the kernel's does, and nothing else;
 * every shipped bundle must live there. The tests themselves run in a bundle beside them.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class ShippedBundlesTest {
    private static final String SERVICES = "META-INF/services/";
    private static final String UPGRADED = "protocol-kafka";

    /** Runs outside of the framework, on the class path. */
    @Configuration
    public static Option[] configuration() throws URISyntaxException {
        return options(
                systemPackage(SystemExports.of(Shipped.class.getClassLoader()).header()),
                frameworkProperty("felix.service.urlhandlers").value("false"),
                frameworkProperty(Constants.FRAMEWORK_BSNVERSION)
                        .value(Constants.FRAMEWORK_BSNVERSION_MULTIPLE),
                frameworkProperty("org.ops4j.pax.logging.DefaultServiceLog.level").value("WARN"),
                junitBundles(),
                bundle(jarOf(Assertions.class)),
                bundle(jarOf(ByteBuddy.class)), // AssertJ's
                composite(
                        Shipped.bundles().stream()
                                .map(jar -> bundle(jar.toUri().toString()))
                                .toArray(Option[]::new)));
    }

    @Test
    public void everyBundleResolvesAgainstTheSystemBundleAlone() {
        assertThat(shipped()).hasSize(Shipped.bundles().size());
        shipped()
                .forEach(
                        (location, bundle) -> {
                            assertThat(bundle.getState()).as(location).isEqualTo(Bundle.ACTIVE);
                            assertThat(wiring(bundle).getRequiredWires(null))
                                    .as(location)
                                    .isNotEmpty()
                                    .allMatch(
                                            wire ->
                                                    system().equals(
                                                                    wire.getProvider()
                                                                            .getBundle()));
                        });
    }

    @Test
    public void noBundleExportsAPackage() {
        shipped()
                .forEach(
                        (location, bundle) ->
                                assertThat(
                                                wiring(bundle)
                                                        .getCapabilities(
                                                                PackageNamespace.PACKAGE_NAMESPACE))
                                        .as(location)
                                        .isEmpty());
    }

    @Test
    public void everyBundleStopsAndStartsAgain() throws Exception {
        for (Bundle bundle : shipped().values()) {
            bundle.stop();
            assertThat(bundle.getState()).isEqualTo(Bundle.RESOLVED);
            bundle.start();
            assertThat(bundle.getState()).isEqualTo(Bundle.ACTIVE);
            assertProvides(bundle);
        }
    }

    @Test
    public void anUpgradeLeavesTheOthersWired() throws Exception {
        Bundle upgraded = shipped(UPGRADED);
        BundleWiring old = wiring(upgraded);
        Map<String, BundleWiring> others = wirings();
        others.remove(upgraded.getLocation());
        try (InputStream jar = open(upgraded.getLocation())) {
            upgraded.update(jar);
        }
        refresh(upgraded);

        assertThat(upgraded.getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(wiring(upgraded)).isNotSameAs(old);
        assertThat(old.isInUse()).isFalse();
        assertProvides(upgraded);
        assertKept(others);
    }

    @Test
    public void whatIsUninstalledIsGoneAndComesBack() throws Exception {
        Bundle removed = shipped(UPGRADED);
        BundleWiring old = wiring(removed);
        Map<String, BundleWiring> others = wirings();
        others.remove(removed.getLocation());
        removed.uninstall();
        refresh(removed);
        assertThat(old.isInUse()).isFalse();
        assertThat(shipped()).hasSize(others.size());
        assertKept(others);

        Bundle installed = framework().installBundle(removed.getLocation());
        installed.start();
        assertThat(installed.getBundleId()).isNotEqualTo(removed.getBundleId());
        assertProvides(installed);
        assertKept(others);
    }

    /** The very wirings they had, not ones that look the same. */
    private static void assertKept(Map<String, BundleWiring> others) {
        others.forEach(
                (location, wiring) -> {
                    Bundle bundle = framework().getBundle(location);
                    assertThat(bundle.getState()).as(location).isEqualTo(Bundle.ACTIVE);
                    assertThat(wiring(bundle)).as(location).isSameAs(wiring);
                    assertThat(wiring.isCurrent()).as(location).isTrue();
                    assertProvides(bundle);
                });
    }

    /** Each service that it names is the SPI's, and its provider comes from its own loader. */
    private static void assertProvides(Bundle bundle) {
        ClassLoader loader = wiring(bundle).getClassLoader();
        List<String> services = Collections.list(bundle.getEntryPaths(SERVICES));
        assertThat(services).as(bundle.getLocation()).isNotEmpty();
        for (String service : services) {
            Object provider = provider(service.substring(SERVICES.length()), loader);
            assertThat(FrameworkUtil.getBundle(provider.getClass())).isSameAs(bundle);
            assertThat(provider.getClass().getClassLoader()).isSameAs(loader);
        }
    }

    private static Object provider(String service, ClassLoader loader) {
        try {
            Class<?> contract = loader.loadClass(service);
            assertThat(FrameworkUtil.getBundle(contract)).as(service + " is the kernel's").isNull();
            return ServiceLoader.load(contract, loader).findFirst().orElseThrow();
        } catch (ClassNotFoundException absent) {
            throw new AssertionError(service + " is not visible", absent);
        }
    }

    private static Map<String, Bundle> shipped() {
        Map<String, Bundle> found = new TreeMap<>();
        for (Bundle bundle : framework().getBundles()) {
            if (bundle.getEntry("META-INF/mortise/plugin.json") != null) {
                found.put(bundle.getLocation(), bundle);
            }
        }
        return found;
    }

    private static Bundle shipped(String id) {
        return shipped().values().stream()
                .filter(bundle -> bundle.getLocation().contains("/mortise-" + id + "-"))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, BundleWiring> wirings() {
        Map<String, BundleWiring> found = new TreeMap<>();
        shipped().forEach((location, bundle) -> found.put(location, wiring(bundle)));
        return found;
    }

    private static BundleContext framework() {
        return FrameworkUtil.getBundle(ShippedBundlesTest.class).getBundleContext();
    }

    private static BundleWiring wiring(Bundle bundle) {
        return bundle.adapt(BundleWiring.class);
    }

    private static Bundle system() {
        return framework().getBundle(Constants.SYSTEM_BUNDLE_LOCATION);
    }

    private static void refresh(Bundle bundle) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        system().adapt(FrameworkWiring.class)
                .refreshBundles(
                        List.of(bundle),
                        event -> {
                            if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                                done.countDown();
                            }
                        });
        assertThat(done.await(30, TimeUnit.SECONDS)).as("refreshed").isTrue();
    }

    private static InputStream open(String location) throws IOException {
        URL url = URI.create(location).toURL();
        return url.openStream();
    }

    private static String jarOf(Class<?> type) throws URISyntaxException {
        return type.getProtectionDomain().getCodeSource().getLocation().toURI().toString();
    }
}
