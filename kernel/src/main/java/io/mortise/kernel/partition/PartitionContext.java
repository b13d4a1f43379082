// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.Directories;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;

/**
 * What the partitions of one host share.
 *
 * @param files where their states are kept
 */
record PartitionContext(
        PartitionOptions options,
        Clock clock,
        Scheduler scheduler,
        FileLayer files,
        Directories directories,
        RingMemory memory,
        EpochFloor epochs,
        Completers completers,
        PartitionMetrics metrics,
        DamagedRanges damage,
        LeadershipListener leadership,
        EngineFinder engines) {}
