// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.Map;

final class SourceRulesTest {
    private static final String HEADER =
            "// Copyright 2026 the Mortise authors\n// SPDX-License-Identifier: Apache-2.0\n";

    @Test
    void asksForBothLinesOfTheHeader() {
        assertThat(SourceRules.header("A.java", HEADER + "class A {}")).isEmpty();
        assertThat(SourceRules.header("A.java", HEADER.lines().findFirst().orElseThrow()))
                .containsExactly("A.java lacks the two lines of the licence header");
        assertThat(SourceRules.header("A.java", "")).hasSize(1);
    }

    @Test
    void refusesVagueNamesAndUnfinishedPlaces() {
        // Put together, so that this file itself passes.
        String unfinished = "TO" + "DO";
        assertThat(SourceRules.java("A.java", "final class Log" + "Impl {} // " + unfinished))
                .containsExactly(
                        "A.java names a type Log" + "Impl: name what sets it apart",
                        "A.java has an unfinished place: " + unfinished);
        assertThat(SourceRules.java("A.java", "final class Utility { int toDo; }")).isEmpty();
    }

    @Test
    void asksEachPackageForNullMarked() {
        assertThat(
                        SourceRules.nullMarked(
                                Map.of(
                                        "a/A.java", "",
                                        "a/package-info.java", "@NullMarked package a;",
                                        "b/B.java", "",
                                        "b/package-info.java", "package b;")))
                .containsExactly("b lacks a package-info.java with @NullMarked");
    }
}
