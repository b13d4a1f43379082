// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;

/**
 * What a backup is made of.
 *
 * @param plugins {@code data/plugins}
 */
public record BackupSource(
        BackupAbout about,
        Metadata metadata,
        BrokerTopics topics,
        LogHost logs,
        FileLayer plugins,
        Scheduler scheduler) {}
