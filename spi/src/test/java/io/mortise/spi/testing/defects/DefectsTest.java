// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedClass;

import io.mortise.spi.testing.tck.LogStorageTck;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

import java.util.List;

/**
 * The kit notices each defect in the group that is there for it (with {@code --deep} also in the
 * others that should), and nothing in a good engine.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DefectsTest {
    private static final boolean DEEP = Boolean.getBoolean("mortise.deep");

    @AfterEach
    void forget() {
        System.clearProperty(DefectiveProvider.PROPERTY);
        System.getProperties()
                .keySet()
                .removeIf(key -> key.toString().startsWith(DefectiveProvider.LEAK));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aDefectIsNoticed(Defect defect) throws ClassNotFoundException {
        System.setProperty(DefectiveProvider.PROPERTY, defect.name());
        assertThat(defect.groups()).isNotEmpty();
        for (String group : DEEP ? defect.groups() : defect.groups().subList(0, 1)) {
            TestExecutionSummary summary = run(group);
            assertThat(summary.getTestsStartedCount()).as(group).isPositive();
            assertThat(summary.getTestsFailedCount())
                    .as("failures of group %s with an engine that %s", group, defect)
                    .isPositive();
        }
    }

    /** What the defects are built with adds none. */
    @Test
    void withoutADefectAllIsWell() throws ClassNotFoundException {
        for (String group : List.of("AtDisk", "Promises", "Crashes", "Damage", "Resources")) {
            assertThat(run(group).getFailures()).as(group).isEmpty();
        }
    }

    private static TestExecutionSummary run(String group) throws ClassNotFoundException {
        Class<?> nested = Class.forName(LogStorageTck.class.getName() + "$" + group);
        var listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(
                                        selectNestedClass(
                                                List.of(DefectiveEngineTck.class), nested))
                                .build(),
                        listener);
        return listener.getSummary();
    }
}
