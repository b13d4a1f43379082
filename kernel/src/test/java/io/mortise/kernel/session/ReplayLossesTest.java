// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Objects;

class ReplayLossesTest {
    private final ReplayLosses losses = new ReplayLosses();

    @Test
    void aSoundLogLosesNothing() {
        losses.missing("a"); // a change that the whole state behind it makes void
        losses.sound("a");
        assertThat(losses.any()).isFalse();
        assertThat(losses.unreadable()).isNull();
    }

    @Test
    void whatGoesOnBehindTheRangeIsSound() {
        losses.range(5, 7, List.of("a", "b", "c"));
        losses.sound("a");
        assertThat(losses.any()).isTrue();
        assertThat(losses.doubtful()).isEqualTo(2);
        assertThat(losses.describe())
                .contains("offsets 5 to 6 are damaged")
                .contains("2 are as they were before and may lack a change (b, c)");
    }

    @Test
    void aChangeThatIsMissingIsALoss() {
        losses.range(5, 7, List.of("a"));
        losses.missing("a");
        losses.missing("b");
        losses.missing("c");
        losses.sound("c");
        assertThat(losses.lost()).containsExactlyInAnyOrder("a", "b");
        assertThat(losses.doubtful()).isZero();
        assertThat(losses.describe()).contains("2 states lack a part and are dropped (a, b)");
    }

    @Test
    void anotherFormatIsRefusedWithBothVersions() {
        losses.foreign("__mortise_sessions", 2);
        assertThat(Objects.requireNonNull(losses.unreadable()).message())
                .contains("__mortise_sessions holds records of format 1")
                .contains("understands 2");
    }
}
