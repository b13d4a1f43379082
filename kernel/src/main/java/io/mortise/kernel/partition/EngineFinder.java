// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.LogId;

import java.io.IOException;
import java.util.List;

/** The storage engines that run here. Any thread; may block. */
interface EngineFinder {
    /**
     * The instance of an engine that keeps logs of a partition.
     *
     * @param of what the partition consists of
     * @throws io.mortise.spi.RefusedException it does not run, or not over that directory
     * @throws IOException which directory keeps the partition cannot be told
     */
    HostedEngine find(PartitionLog log, List<Generation> of, String name) throws IOException;

    /** Deletes one closed log of a partition that goes; if it is out of reach, later. */
    void delete(PartitionLog log, LogId logId, String name);
}
