// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RuleMatcherTest {
    private static void yes(String filter, String name) {
        assertThat(RuleMatcher.matchesFilter(filter, name)).as("%s on %s", filter, name).isTrue();
    }

    private static void no(String filter, String name) {
        assertThat(RuleMatcher.matchesFilter(filter, name)).as("%s on %s", filter, name).isFalse();
    }

    @Test
    void filtersMatchByLevel() {
        yes("#", "a");
        yes("#", "a/b");
        yes("#", "");
        yes("a/#", "a");
        yes("a/#", "a/b/c");
        no("a/#", "ab");
        yes("+", "a");
        no("+", "a/b");
        yes("+/+", "/a");
        yes("a/+/c", "a/b/c");
        no("a/+/c", "a/b/d");
        no("a/+/c", "a/b/c/d");
        no("a/+", "a");
        yes("a/+", "a/");
        yes("a/+/#", "a/b");
        no("a/+/#", "a");
        yes("a/", "a/");
        no("a/", "a");
    }
}
