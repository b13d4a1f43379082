// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.config.NearestName;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Judges what a bundle says about licences: its own, and those of the libraries inside it. */
final class Licences {
    /** What a bundle may hold; the build of mortise-plugin-parent has the same list. */
    static final Set<String> ALLOWED =
            Set.of("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0");

    /** The usual ones of SPDX's list; a plugin of one's own may stand under any. */
    private static final Set<String> KNOWN =
            Set.of(
                    "0BSD",
                    "AGPL-3.0-only",
                    "AGPL-3.0-or-later",
                    "Apache-2.0",
                    "BSD-2-Clause",
                    "BSD-3-Clause",
                    "BSL-1.0",
                    "BUSL-1.1",
                    "CC0-1.0",
                    "CDDL-1.0",
                    "CDDL-1.1",
                    "EPL-1.0",
                    "EPL-2.0",
                    "EUPL-1.2",
                    "GPL-2.0-only",
                    "GPL-2.0-or-later",
                    "GPL-3.0-only",
                    "GPL-3.0-or-later",
                    "ISC",
                    "LGPL-2.1-only",
                    "LGPL-2.1-or-later",
                    "LGPL-3.0-only",
                    "LGPL-3.0-or-later",
                    "MIT",
                    "MIT-0",
                    "MPL-2.0",
                    "MulanPSL-2.0",
                    "SSPL-1.0",
                    "Unlicense",
                    "UPL-1.0",
                    "Zlib");

    /** {@code (Apache-2.0) (MIT) Name of it (group:artifact:version - address)}. */
    private static final Pattern LINE =
            Pattern.compile("^\\s+((?:\\([^()]*\\) )+).*\\(([^()\\s:]+):([^()\\s]+) - .*\\)$");

    private static final Pattern ONE = Pattern.compile("\\(([^()]*)\\) ");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9.+-]+");

    private Licences() {}

    /** What is wrong with an SPDX expression (SPDX 2.3, annex D), or null. */
    static @Nullable String expressionFault(String expression) {
        boolean exception = false;
        for (String word : expression.replaceAll("[()]", " ").trim().split("\\s+", -1)) {
            boolean operator = word.equals("AND") || word.equals("OR") || word.equals("WITH");
            if (!operator && !exception && !known(word)) {
                return fault(expression, word);
            }
            exception = word.equals("WITH"); // a name of SPDX's other list follows
        }
        return null;
    }

    private static boolean known(String word) {
        boolean reference = word.startsWith("LicenseRef-") && WORD.matcher(word).matches();
        return reference || KNOWN.contains(word);
    }

    private static String fault(String expression, String word) {
        String nearest = NearestName.of(word, KNOWN);
        return "the licence '%s' holds '%s', which is no SPDX identifier known here: %swrite LicenseRef-NAME for one that SPDX does not list"
                .formatted(
                        expression,
                        word,
                        nearest == null ? "" : "did you mean " + nearest + "? Or ");
    }

    /**
     * What is wrong with the list of libraries.
     *
     * @param text of META-INF/THIRD-PARTY.txt, as license-maven-plugin writes it
     * @param libraries jars in the bundle, by path
     */
    static List<String> libraryFaults(String text, Set<String> libraries) {
        var faults = new ArrayList<String>();
        var listed = new ArrayList<String>();
        for (String line : text.lines().toList()) {
            Matcher match = LINE.matcher(line);
            if (match.matches()) {
                listed.add(match.group(3));
                addForbidden(match, faults);
            }
        }
        for (String library : libraries) {
            if (listed.stream().noneMatch(it -> names(it, library))) {
                faults.add(
                        "META-INF/THIRD-PARTY.txt has no line for %s: build the bundle anew with mortise-plugin-parent, or add one"
                                .formatted(library));
            }
        }
        return faults;
    }

    /** A library that offers several licences is taken under the one that is allowed. */
    private static void addForbidden(Matcher line, List<String> faults) {
        List<String> licences =
                ONE.matcher(line.group(1)).results().map(it -> it.group(1)).toList();
        if (licences.stream().noneMatch(ALLOWED::contains)) {
            faults.add(
                    "META-INF/THIRD-PARTY.txt says that %s:%s stands under %s; allowed are %s: use another library"
                            .formatted(
                                    line.group(2),
                                    line.group(3),
                                    String.join(" or ", licences),
                                    String.join(", ", ALLOWED.stream().sorted().toList())));
        }
    }

    /** {@code artifact:version}, with type and classifier between them if it has any. */
    private static boolean names(String listed, String library) {
        String[] parts = listed.split(":", -1);
        String file = library.substring(library.lastIndexOf('/') + 1);
        return file.startsWith(parts[0] + "-" + parts[parts.length - 1]);
    }
}
