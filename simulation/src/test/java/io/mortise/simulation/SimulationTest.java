// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Histories from seeds 0, 1, 2, ...: 1 000 of them, or 100 000 with {@code -Dmortise.deep=true}.
 * {@code -Dmortise.seed=N} lives through one again and prints all of it.
 */
final class SimulationTest {
    private static int seeds() {
        return Boolean.getBoolean("mortise.deep") ? 100_000 : 1_000;
    }

    @Test
    void keepsWhatWasPromised() {
        Simulation.Sum sum = Simulation.run(0, seeds());
        System.out.println(sum);
        int seeds = seeds() - Simulation.KNOWN.size();
        assertThat(sum.operations()).isGreaterThanOrEqualTo((long) History.OPERATIONS * seeds);
        assertThat(sum.faults()).isGreaterThanOrEqualTo((long) History.FAULTS * seeds);
        assertThat(sum.crashes()).isGreaterThanOrEqualTo((long) History.CRASHES * seeds);
        assertThat(sum.compactions()).isGreaterThan(seeds);
    }

    @Test
    void theSameSeedIsTheSameHistory() {
        for (long seed = 0; seed < 20; seed++) {
            long first = hash(seed);
            assertThat(hash(seed)).as("seed %d", seed).isEqualTo(first);
            assertThat(hash(seed + 1)).isNotEqualTo(first);
        }
    }

    private static long hash(long seed) {
        return Simulation.alone(seed).trace().hash();
    }

    @Test
    @EnabledIfSystemProperty(named = "mortise.seed", matches = "\\d+")
    void oneSeedAgain() {
        Simulation.main(new String[] {System.getProperty("mortise.seed")});
    }
}
