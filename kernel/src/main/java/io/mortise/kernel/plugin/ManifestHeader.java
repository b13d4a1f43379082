// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The grammar of OSGi's manifest headers (OSGi core 8, 3.2.4): clauses of paths and parameters. */
final class ManifestHeader {
    private ManifestHeader() {}

    /**
     * One clause.
     *
     * @param parameters attributes and directives, without quotes and colons
     */
    record Clause(List<String> paths, Map<String, String> parameters) {}

    /** Splits a header at commas that stand outside of quotes. */
    static List<Clause> parse(String header) {
        var clauses = new ArrayList<Clause>();
        for (String clause : split(header, ',')) {
            var paths = new ArrayList<String>();
            var parameters = new HashMap<String, String>();
            for (String part : split(clause, ';')) {
                int equals = part.indexOf('=');
                if (equals < 0) {
                    paths.add(part);
                } else {
                    String name = part.substring(0, equals).replace(":", "").trim();
                    parameters.put(name, part.substring(equals + 1).trim().replace("\"", ""));
                }
            }
            clauses.add(new Clause(paths, parameters));
        }
        return clauses;
    }

    private static List<String> split(String text, char separator) {
        var parts = new ArrayList<String>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i <= text.length(); i++) {
            boolean end = i == text.length();
            if (!end && text.charAt(i) == '"') {
                quoted = !quoted;
            }
            if (end || (text.charAt(i) == separator && !quoted)) {
                String part = text.substring(start, i).trim();
                if (!part.isEmpty()) {
                    parts.add(part);
                }
                start = i + 1;
            }
        }
        return parts;
    }
}
