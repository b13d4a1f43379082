// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.storage.StorageProblem;

import java.util.List;

/**
 * What an engine found when it read everything back.
 *
 * @param logs that it keeps
 * @param bytes of their batches
 * @param problems none: all that was checked is as it was written
 * @param unchecked directories that could not be read
 */
public record EngineCheck(int logs, long bytes, List<Found> problems, List<Unchecked> unchecked) {
    public EngineCheck {
        problems = List.copyOf(problems);
        unchecked = List.copyOf(unchecked);
    }

    /**
     * What is wrong, and where.
     *
     * @param directory its name
     */
    public record Found(String directory, StorageProblem problem) {}

    /**
     * A directory that could not be read.
     *
     * @param directory its name
     * @param why in a sentence
     */
    public record Unchecked(String directory, String why) {}
}
