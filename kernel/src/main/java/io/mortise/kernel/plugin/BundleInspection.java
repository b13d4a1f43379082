// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What would keep a bundle from running here, in plain words; found without the framework, whose
 * own texts nobody can read, and without loading a class.
 */
final class BundleInspection {
    private final SystemExports exports;

    BundleInspection(SystemExports exports) {
        this.exports = exports;
    }

    /** Faults, each with what to do; empty if the bundle should resolve. */
    List<String> faults(BundleContents bundle) {
        var faults = new ArrayList<String>(faults(bundle.descriptor()));
        if (faults.isEmpty()) {
            addImportFaults(bundle, faults);
        }
        addServiceFaults(bundle, faults);
        return faults;
    }

    /** Faults of the descriptor alone. */
    List<String> faults(PluginDescriptor descriptor) {
        var faults = new ArrayList<String>();
        for (Map.Entry<String, String> wanted : descriptor.spi().entrySet()) {
            Version offered = exports.version(wanted.getKey());
            if (offered == null || !VersionRange.valueOf(wanted.getValue()).includes(offered)) {
                faults.add(rangeFault(descriptor, wanted.getKey(), wanted.getValue(), offered));
            }
        }
        return faults;
    }

    private static String rangeFault(
            PluginDescriptor descriptor,
            String name,
            String range,
            @org.jspecify.annotations.Nullable Version offered) {
        String here = offered == null ? "does not have it" : "offers " + offered;
        boolean tooNew =
                offered == null || VersionRange.valueOf(range).getLeft().compareTo(offered) > 0;
        return "%s needs %s %s, but this broker %s: %s"
                .formatted(
                        descriptor.title(),
                        name,
                        range,
                        here,
                        tooNew
                                ? "upgrade the broker, or install a build of the plugin made for it"
                                : "install a newer build of the plugin");
    }

    private void addImportFaults(BundleContents bundle, List<String> faults) {
        String header = bundle.manifest().getValue("Import-Package");
        for (ManifestHeader.Clause clause : ManifestHeader.parse(header == null ? "" : header)) {
            if ("optional".equals(clause.parameters().get("resolution"))) {
                continue;
            }
            String range = clause.parameters().getOrDefault("version", "0");
            for (String name : clause.paths()) {
                if (!exports.offers(name, VersionRange.valueOf(range))) {
                    faults.add(importFault(bundle.descriptor(), name, range));
                }
            }
        }
    }

    private String importFault(PluginDescriptor descriptor, String name, String range) {
        Version offered = exports.version(name);
        String wanted = range.equals("0") ? name : name + " " + range;
        return offered == null
                ? "%s imports the package %s, which the broker does not offer: nest the library that holds it in the bundle (lib/), or drop the import"
                        .formatted(descriptor.title(), wanted)
                : "%s imports %s, but this broker offers %s: install a build of the plugin made for this broker"
                        .formatted(descriptor.title(), wanted, offered);
    }

    private static void addServiceFaults(BundleContents bundle, List<String> faults) {
        for (String service : bundle.descriptor().provides()) {
            if (bundle.services().getOrDefault(service, List.of()).isEmpty()) {
                faults.add(
                        "%s says that it provides %s, but has no class in META-INF/services/%s: add the file and build it again"
                                .formatted(bundle.descriptor().title(), service, service));
            }
        }
    }
}
