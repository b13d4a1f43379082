// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the text of a source file has to hold, whatever it compiles to. Paths are relative to the
 * root.
 */
final class SourceRules {
    private static final Pattern VAGUE_NAME =
            Pattern.compile(
                    "(class|record|enum|interface)"
                            + " (\\w+(Impl|Manager|Helper|Helpers|Util|Utils))\\b");
    // Put together, so that this file itself passes.
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TO" + "DO|FIX" + "ME)\\b");
    private static final int HEADER_CHARS = 400;

    private SourceRules() {}

    /** Every file that can hold a comment says whose it is and under which licence. */
    static List<String> header(String path, String text) {
        String head = text.substring(0, Math.min(text.length(), HEADER_CHARS));
        boolean stated =
                head.contains("Copyright 2026 the Mortise authors")
                        && head.contains("SPDX-License-Identifier: Apache-2.0");
        return stated ? List.of() : List.of(path + " lacks the two lines of the licence header");
    }

    static List<String> java(String path, String text) {
        List<String> found = new ArrayList<>();
        Matcher vague = VAGUE_NAME.matcher(text);
        while (vague.find()) {
            found.add(path + " names a type " + vague.group(2) + ": name what sets it apart");
        }
        Matcher unfinished = UNFINISHED.matcher(text);
        while (unfinished.find()) {
            found.add(path + " has an unfinished place: " + unfinished.group());
        }
        return found;
    }

    /** Each package of production code has a package-info that says @NullMarked. */
    static List<String> nullMarked(Map<String, String> javaFiles) {
        Map<String, Boolean> marked = new TreeMap<>();
        javaFiles.forEach(
                (path, text) ->
                        marked.merge(
                                path.substring(0, path.lastIndexOf('/')),
                                path.endsWith("/package-info.java") && text.contains("@NullMarked"),
                                Boolean::logicalOr));
        return marked.entrySet().stream()
                .filter(it -> !it.getValue())
                .map(it -> it.getKey() + " lacks a package-info.java with @NullMarked")
                .toList();
    }
}
