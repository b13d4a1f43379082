// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The classes that META-INF/services names, and their parents as far as needed; none is loaded. */
final class ProviderCheck {
    private final BundleFile file;
    private final BundleContents contents;
    private final Map<String, byte[]> found;
    private final Offered offered;
    private final Map<String, ClassOutline> outlines = new HashMap<>();

    /**
     * @param found class files of {@link #names} that the bundle holds
     */
    ProviderCheck(
            BundleFile file, BundleContents contents, Map<String, byte[]> found, Offered offered) {
        this.file = file;
        this.contents = contents;
        this.found = found;
        this.offered = offered;
    }

    /** The classes named, as binary names with slashes. */
    static Set<String> names(BundleContents contents) {
        var names = new HashSet<String>();
        for (String service : contents.descriptor().provides()) {
            contents.services()
                    .getOrDefault(service, List.of())
                    .forEach(name -> names.add(name.replace('.', '/')));
        }
        return names;
    }

    void addFaults(List<String> faults) {
        String title = contents.descriptor().title();
        for (String service : contents.descriptor().provides()) {
            if (offered.find(service.replace('.', '/')) == null) {
                faults.add(
                        "%s says that it provides %s, which this broker does not have: correct 'provides', or upgrade the broker"
                                .formatted(title, service));
                continue;
            }
            for (String name : contents.services().getOrDefault(service, List.of())) {
                String fault = fault(name, service);
                if (fault != null) {
                    faults.add(
                            "%s names %s in META-INF/services/%s, but %s"
                                    .formatted(title, name, service, fault));
                }
            }
        }
    }

    private @Nullable String fault(String name, String service) {
        byte[] bytes = found.get(name.replace('.', '/'));
        if (bytes == null) {
            return "the bundle holds no such class: correct the file or add the class";
        }
        try {
            ClassOutline outline = ClassOutline.read(bytes);
            if (outline.fault() != null) {
                return "that class " + outline.fault() + ": correct the class";
            }
            return inherits(outline, service.replace('.', '/'))
                    ? null
                    : "that class does not implement it: correct the file or the class";
        } catch (IllegalArgumentException malformed) {
            return "its class file cannot be read (" + malformed.getMessage() + ")";
        }
    }

    /** Whether the contract is among the parents, their parents and so on. */
    private boolean inherits(ClassOutline outline, String contract) {
        var seen = new HashSet<String>();
        Set<String> next = new HashSet<>(outline.parents());
        while (!next.isEmpty() && !next.contains(contract)) {
            seen.addAll(next);
            next = parents(next);
            next.removeAll(seen);
        }
        return !next.isEmpty();
    }

    private Set<String> parents(Set<String> names) {
        read(names);
        var parents = new HashSet<String>();
        for (String name : names) {
            ClassOutline outline = outlines.get(name);
            if (outline != null) {
                parents.addAll(outline.parents());
            }
        }
        return parents;
    }

    /** What the broker offers comes from there, the rest from the bundle. */
    private void read(Set<String> names) {
        var inside = new HashSet<String>();
        for (String name : names) {
            ClassOutline known = offered.find(name);
            if (known == null) {
                inside.add(name);
            } else {
                outlines.put(name, known);
            }
        }
        if (!inside.isEmpty()) {
            BundleVerification.scan(file, inside)
                    .wanted()
                    .forEach((name, bytes) -> outlines.put(name, ClassOutline.read(bytes)));
        }
    }

    /**
     * Classes that the broker offers.
     *
     * @param loader finds their class files
     */
    record Offered(SystemExports exports, ClassLoader loader) {
        @Nullable ClassOutline find(String name) {
            String home = name.substring(0, Math.max(0, name.lastIndexOf('/'))).replace('/', '.');
            if (!exports.names(home)) {
                return null;
            }
            try (InputStream in = loader.getResourceAsStream(name + ".class")) {
                return in == null ? null : ClassOutline.read(in.readAllBytes());
            } catch (IOException unreadable) {
                throw new IllegalStateException("cannot read " + name, unreadable);
            }
        }
    }
}
