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
 * @param problems none: all is as it was written
 */
public record EngineCheck(int logs, long bytes, List<StorageProblem> problems) {
    public EngineCheck {
        problems = List.copyOf(problems);
    }
}
