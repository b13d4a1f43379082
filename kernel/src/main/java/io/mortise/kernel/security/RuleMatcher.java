// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.kernel.metadata.AccessRule;
import io.mortise.kernel.metadata.AccessRule.Effect;
import io.mortise.kernel.metadata.AccessRule.PatternType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rules of one effect, one principal and one resource type, compiled. A literal name of a topic
 * covers the addresses below it. Checks allocate nothing. Immutable.
 */
final class RuleMatcher {
    static final RuleMatcher NONE = new RuleMatcher(List.of());

    private record Pattern(String host, PatternType type, String text, int operations) {}

    private static final String ANY = "*";

    private final int everywhere;
    private final LiteralTable literals;
    private final Pattern[] patterns;

    RuleMatcher(List<AccessRule> rules) {
        Map<String, Integer> names = new HashMap<>();
        List<Pattern> others = new ArrayList<>();
        int every = 0;
        for (AccessRule rule : rules) {
            int operations =
                    rule.effect() == Effect.ALLOW
                            ? Operations.allowed(rule.operation())
                            : Operations.denied(rule.operation());
            boolean literal = rule.patternType() == PatternType.LITERAL;
            if (!rule.host().equals(ANY) || !literal) {
                others.add(
                        new Pattern(rule.host(), rule.patternType(), rule.pattern(), operations));
            } else if (rule.pattern().equals(ANY)) {
                every |= operations;
            } else {
                names.merge(rule.pattern(), operations, (a, b) -> a | b);
            }
        }
        everywhere = every;
        literals = new LiteralTable(names);
        patterns = others.toArray(Pattern[]::new);
    }

    boolean matches(int operation, String host, String name) {
        if ((everywhere & operation) != 0
                || (literals.find(name, name.length()) & operation) != 0) {
            return true;
        }
        int slash = name.indexOf('/');
        if (slash >= 0 && (literals.find(name, slash) & operation) != 0) {
            return true;
        }
        for (Pattern pattern : patterns) {
            if ((pattern.operations & operation) != 0
                    && (pattern.host.equals(ANY) || pattern.host.equals(host))
                    && matches(pattern, name, slash)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(Pattern pattern, String name, int slash) {
        String text = pattern.text;
        return switch (pattern.type) {
            case PREFIX -> name.startsWith(text);
            case LITERAL ->
                    text.equals(ANY)
                            || text.equals(name)
                            || (slash == text.length() && name.startsWith(text));
            case FILTER -> matchesFilter(text, name);
        };
    }

    /** MQTT 5.0, 4.7.1: level by level; {@code #} also matches its parent. */
    static boolean matchesFilter(String filter, String name) {
        int f = 0;
        int n = 0;
        while (true) {
            if (f == filter.length() - 1 && filter.charAt(f) == '#') {
                return true;
            }
            int filterEnd = end(filter, f);
            int nameEnd = end(name, n);
            boolean single = filterEnd - f == 1 && filter.charAt(f) == '+';
            if (!single
                    && (filterEnd - f != nameEnd - n
                            || !filter.regionMatches(f, name, n, nameEnd - n))) {
                return false;
            }
            boolean filterDone = filterEnd == filter.length();
            boolean nameDone = nameEnd == name.length();
            if (filterDone || nameDone) {
                return nameDone && (filterDone || filter.startsWith("/#", filterEnd));
            }
            f = filterEnd + 1;
            n = nameEnd + 1;
        }
    }

    private static int end(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
    }
}
