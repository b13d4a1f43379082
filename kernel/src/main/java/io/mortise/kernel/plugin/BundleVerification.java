// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;

/**
 * Every static check of a bundle: what {@link BundleInspection} finds before each start, and what
 * takes a look at all that is in the jar, once, before it is installed. No class of it is loaded.
 */
final class BundleVerification {
    private static final List<Map.Entry<String, String>> OPENINGS =
            List.of(
                    Map.entry(
                            "DynamicImport-Package",
                            "it would see classes of whatever else runs here"),
                    Map.entry("Export-Package", "other plugins would see its classes"),
                    Map.entry("Require-Bundle", "it would see classes of another bundle"),
                    Map.entry("Fragment-Host", "it would become a part of another bundle"));

    /**
     * Optional imports of these are the JDK's and annotations'; as mortise-plugin-parent has it.
     */
    private static final List<String> OPTIONAL =
            List.of("org.jspecify.", "javax.", "org.ietf.", "org.w3c.dom.", "org.xml.sax.", "sun.");

    /** JDK 1.1 was 45. */
    private static final int FIRST_CLASS_FILE = 44;

    private final BundleInspection inspection;
    private final SystemExports exports;
    private final ClassLoader loader;

    /**
     * @param loader finds the class files of what the broker offers
     */
    BundleVerification(BundleInspection inspection, SystemExports exports, ClassLoader loader) {
        this.inspection = inspection;
        this.exports = exports;
        this.loader = loader;
    }

    /** What keeps a bundle from being installed; empty if nothing is known. */
    List<String> faults(BundleFile file) {
        var faults = new ArrayList<String>();
        examine(file, file.contents(), faults);
        return faults;
    }

    /** {@link #faults}, and what is wrong with licences, which is the operator's to judge. */
    List<String> findings(BundleFile file) {
        BundleContents contents = file.contents();
        var findings = new ArrayList<String>();
        BundleScan scan = examine(file, contents, findings);
        for (String fault : licenceFaults(contents.descriptor(), scan)) {
            findings.add(contents.descriptor().title() + fault);
        }
        return findings;
    }

    private BundleScan examine(BundleFile file, BundleContents contents, List<String> faults) {
        faults.addAll(inspection.faults(contents));
        addOpenings(contents, faults);
        BundleScan scan = scan(file, ProviderCheck.names(contents));
        addScanned(contents, scan, faults);
        var outside = new ProviderCheck.Offered(exports, loader);
        new ProviderCheck(file, contents, scan.wanted(), outside).addFaults(faults);
        return scan;
    }

    private static List<String> licenceFaults(PluginDescriptor descriptor, BundleScan scan) {
        var faults = new ArrayList<String>();
        String own = Licences.expressionFault(descriptor.licence());
        if (own != null) {
            faults.add(": " + PluginDescriptor.PATH + ": " + own);
        }
        if (scan.thirdParty() == null) {
            faults.add(
                    " lacks META-INF/THIRD-PARTY.txt, which says under which licences the libraries"
                            + " in it stand: build it with mortise-plugin-parent");
        } else {
            Licences.libraryFaults(scan.thirdParty(), scan.libraries())
                    .forEach(fault -> faults.add(": " + fault));
        }
        return faults;
    }

    static BundleScan scan(BundleFile file, Set<String> classes) {
        try {
            int newest = Runtime.version().feature() + FIRST_CLASS_FILE;
            return BundleScan.of(file, classes, newest);
        } catch (IOException | IllegalArgumentException unreadable) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST,
                    "%s is no readable jar: %s; build or fetch it again"
                            .formatted(file.shortName(), unreadable.getMessage()));
        }
    }

    private void addOpenings(BundleContents contents, List<String> faults) {
        String title = contents.descriptor().title();
        Attributes manifest = contents.manifest();
        for (Map.Entry<String, String> opening : OPENINGS) {
            String value = manifest.getValue(opening.getKey());
            if (value != null) {
                faults.add(
                        "%s has %s: %s in its manifest; plugins are closed (%s): drop the header"
                                .formatted(title, opening.getKey(), value, opening.getValue()));
            }
        }
        String imports = manifest.getValue("Import-Package");
        for (ManifestHeader.Clause clause : ManifestHeader.parse(imports == null ? "" : imports)) {
            if ("optional".equals(clause.parameters().get("resolution"))) {
                clause.paths().stream()
                        .filter(name -> !optional(name))
                        .forEach(name -> faults.add(optionalFault(title, name)));
            }
        }
    }

    private boolean optional(String name) {
        return exports.names(name) || OPTIONAL.stream().anyMatch((name + ".")::startsWith);
    }

    private static String optionalFault(String title, String name) {
        return "%s imports %s optionally, which is neither the JDK's nor the broker's: nest the library that holds it in the bundle (lib/), or drop the import"
                .formatted(title, name);
    }

    private static void addScanned(BundleContents contents, BundleScan scan, List<String> faults) {
        String title = contents.descriptor().title();
        scan.copies()
                .forEach(
                        (library, jar) ->
                                faults.add(
                                        "%s holds %s itself (%s); the broker offers it: leave it out of the bundle (scope provided)"
                                                .formatted(
                                                        title,
                                                        library,
                                                        jar.isEmpty() ? "unpacked" : jar)));
        if (!scan.tooNew().isEmpty()) {
            var first = scan.tooNew().entrySet().iterator().next();
            faults.add(
                    "%s holds %d classes for a newer JDK than the %d that runs here (%s: class-file version %d, JDK %d): compile it with --release %d, or run the broker on a newer JDK"
                            .formatted(
                                    title,
                                    scan.tooNew().size(),
                                    Runtime.version().feature(),
                                    first.getKey(),
                                    first.getValue(),
                                    first.getValue() - FIRST_CLASS_FILE,
                                    Runtime.version().feature()));
        }
        if (!scan.preview().isEmpty()) {
            faults.add(
                    "%s holds %d classes with preview features (%s), which this broker does not switch on: compile it without --enable-preview"
                            .formatted(
                                    title,
                                    scan.preview().size(),
                                    scan.preview().iterator().next()));
        }
    }
}
