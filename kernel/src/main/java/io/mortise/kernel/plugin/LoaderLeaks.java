// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.runtime.DisposableThreads;

import org.jspecify.annotations.Nullable;

import java.lang.management.ManagementFactory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;

import javax.management.InstanceNotFoundException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Proves that class loaders of stopped plugins are gone, and remembers those that are not. */
final class LoaderLeaks {
    private final List<Suspect> suspects = new ArrayList<>();

    /** A loader that nobody should hold any more. */
    static final class Suspect {
        private final String title;
        private final ReferenceQueue<ClassLoader> queue = new ReferenceQueue<>();
        private final WeakReference<ClassLoader> loader;

        Suspect(String title, ClassLoader loader) {
            this.title = title;
            this.loader = new WeakReference<>(loader, queue);
        }
    }

    /** Null if the loader can be collected; otherwise what is known of who holds it. */
    synchronized @Nullable String check(Suspect suspect) {
        if (gone(suspect)) {
            return null;
        }
        suspects.add(suspect);
        return text(suspect);
    }

    /** What of earlier leaks is still there. */
    synchronized List<String> remaining() {
        suspects.removeIf(LoaderLeaks::gone);
        return suspects.stream().map(LoaderLeaks::text).toList();
    }

    static boolean gone(Suspect suspect) {
        try {
            return DisposableThreads.collected(suspect.loader, suspect.queue);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static String text(Suspect suspect) {
        ClassLoader loader = suspect.loader.get();
        List<String> holders = loader == null ? List.of() : holders(loader);
        return "classes of "
                + suspect.title
                + " are still in memory; held by "
                + (holders.isEmpty()
                        ? "something unknown (a static field of a shared library, a JDBC driver"
                                + " that was not deregistered, a shutdown hook)"
                        : String.join(", ", holders));
    }

    private static List<String> holders(ClassLoader loader) {
        var holders = new ArrayList<String>();
        for (Thread thread : DisposableThreads.holding(loader)) {
            holders.add("thread '" + thread.getName() + "'");
        }
        for (Provider provider : Security.getProviders()) {
            if (loader.equals(provider.getClass().getClassLoader())) {
                holders.add("security provider '" + provider.getName() + "'");
            }
        }
        addBeans(loader, holders);
        return holders;
    }

    private static void addBeans(ClassLoader loader, List<String> holders) {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        for (ObjectName name : server.queryNames(null, null)) {
            try {
                if (loader.equals(server.getClassLoaderFor(name))) {
                    holders.add("MBean '" + name + "'");
                }
            } catch (InstanceNotFoundException unregisteredMeanwhile) {
                holders.remove("MBean '" + name + "'");
            }
        }
    }
}
