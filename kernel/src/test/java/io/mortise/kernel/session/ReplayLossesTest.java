// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class ReplayLossesTest {
    private final ReplayLosses losses = new ReplayLosses();

    @Test
    void aSoundLogLosesNothing() {
        losses.applied("a", false, false);
        assertThat(losses.any()).isFalse();
        assertThat(losses.lost()).isZero();
    }

    @Test
    void whatIsWrittenWholeBehindTheRangeIsSound() {
        losses.range(5, 7, List.of("a", "b", "c"));
        losses.applied("a", true, true);
        losses.applied("b", false, true);
        assertThat(losses.any()).isTrue();
        assertThat(losses.doubtful()).isEqualTo(2);
        assertThat(losses.describe())
                .contains("offsets 5 to 6 are damaged")
                .contains("2 are as they were before and may lack a change (b, c)");
    }

    @Test
    void changesOfWhatIsNotKnownAreALoss() {
        losses.range(5, 7, List.of());
        losses.applied("a", false, false);
        losses.applied("b", false, false);
        losses.applied("b", true, true);
        losses.applied("c", false, false);
        losses.applied("c", false, true);
        assertThat(losses.lost()).isEqualTo(1);
        assertThat(losses.doubtful()).isEqualTo(1);
        assertThat(losses.describe()).contains("1 states are lost with them (a)");
    }
}
