// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.HeapLook.Holder;
import io.mortise.kernel.runtime.DisposableThreads;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;

import javax.management.InstanceNotFoundException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** Proves that class loaders of stopped plugins are gone, and remembers those that are not. */
final class LoaderLeaks {
    private static final Logger LOG = LoggerFactory.getLogger(LoaderLeaks.class);

    private final Path dump;
    private final List<Suspect> suspects = new ArrayList<>();

    /**
     * @param dump where the heap may be written for a moment; must not exist
     */
    LoaderLeaks(Path dump) {
        this.dump = dump;
    }

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

    /** Null if the loader can be collected; otherwise what can be seen of who holds it. */
    synchronized @Nullable String check(Suspect suspect) {
        RecordCaches.forget();
        if (gone(suspect)) {
            return null;
        }
        suspects.add(suspect);
        List<String> holders = holders(suspect);
        return "classes of "
                + suspect.title
                + (holders.isEmpty()
                        ? " did not go at once; mortise plugin doctor looks for what holds them"
                        : " are still in memory; held by " + String.join(", ", holders));
    }

    /**
     * What of earlier leaks is still there, and who holds it. Looks at the whole heap, for which
     * the process stands still, where it cannot be seen otherwise.
     */
    synchronized List<String> remaining() {
        suspects.removeIf(LoaderLeaks::gone);
        var findings = new ArrayList<String>();
        var unclear = new ArrayList<Suspect>();
        for (Suspect suspect : suspects) {
            List<String> holders = holders(suspect);
            if (holders.isEmpty()) {
                unclear.add(suspect);
            } else {
                findings.add(held(suspect, String.join(", ", holders)));
            }
        }
        if (!unclear.isEmpty()) {
            findings.addAll(looked(unclear));
        }
        return findings;
    }

    private List<String> looked(List<Suspect> unclear) {
        var findings = new ArrayList<String>();
        try {
            List<Holder> holders =
                    HeapLook.holders(unclear.stream().map(it -> it.loader).toList(), dump);
            for (int i = 0; i < holders.size(); i++) {
                Suspect suspect = unclear.get(i);
                String path = holders.get(i).path();
                switch (holders.get(i).strength()) {
                    case STRONG -> findings.add(held(suspect, path));
                    case SOFT -> findings.add(softly(suspect, path));
                    case WEAK -> LOG.debug("classes of {} have gone meanwhile", suspect.title);
                }
            }
        } catch (IOException unreadable) {
            LOG.warn("The heap cannot be looked at", unreadable);
            unclear.forEach(
                    it -> findings.add(held(it, "something unknown: " + unreadable.getMessage())));
        }
        return findings;
    }

    private static String held(Suspect suspect, String by) {
        return "classes of " + suspect.title + " are still in memory; held by " + by;
    }

    private static String softly(Suspect suspect, String path) {
        return "classes of "
                + suspect.title
                + " are held softly, by caches only: they go when memory is short, there is"
                + " nothing to do ("
                + path
                + ")";
    }

    static boolean gone(Suspect suspect) {
        try {
            return DisposableThreads.collected(suspect.loader, suspect.queue);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** What can be seen without a look at the heap. */
    private static List<String> holders(Suspect suspect) {
        var holders = new ArrayList<String>();
        ClassLoader loader = suspect.loader.get();
        if (loader == null) {
            return holders;
        }
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
