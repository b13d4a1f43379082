// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.storage.segment.file.EpochRuns;

import org.junit.jupiter.api.Test;

/** Which epochs batches may carry where. */
class EpochRunsTest {
    @Test
    void aRunGoesUpToTheNext() {
        EpochRuns runs = EpochRuns.NONE.with(0, 3).with(100, 3).with(200, 5);
        assertThat(runs.at(0)).isEqualTo(3);
        assertThat(runs.at(199)).isEqualTo(3);
        assertThat(runs.at(200)).isEqualTo(5);
        assertThat(runs.allow(150, 3)).isTrue();
        assertThat(runs.allow(150, 5)).isFalse();
        assertThat(runs.allow(5_000, 5)).isTrue();
    }

    @Test
    void nothingIsKnownBeforeTheFirstAndOfUnknownEpochs() {
        assertThat(EpochRuns.NONE.allow(7, 7)).isTrue();
        EpochRuns runs = EpochRuns.NONE.with(100, 1).with(200, EpochRuns.UNKNOWN).with(300, 1);
        assertThat(runs.allow(50, 9)).isTrue();
        assertThat(runs.allow(100, 9)).isFalse();
        assertThat(runs.allow(250, 9)).isTrue();
        assertThat(runs.allow(300, 9)).isFalse();
    }

    @Test
    void aCutForgetsWhatLiesBehindIt() {
        EpochRuns runs = EpochRuns.NONE.with(0, 1).with(100, 2).with(200, 3);
        assertThat(runs.cut(200).at(500)).isEqualTo(2);
        assertThat(runs.cut(0).at(500)).isEqualTo(EpochRuns.UNKNOWN);
        assertThat(runs.with(100, 4).at(500)).isEqualTo(4);
        assertThat(runs.with(100, 1).at(500)).isEqualTo(1);
    }

    @Test
    void moreThanASectorHoldsAreUnknown() {
        EpochRuns runs = EpochRuns.NONE;
        for (int i = 0; i < 100; i++) {
            runs = runs.with(10 * i, i);
        }
        assertThat(runs.allow(540, 54)).isTrue();
        assertThat(runs.allow(540, 55)).isFalse();
        assertThat(runs.allow(990, 7)).isTrue();
    }
}
