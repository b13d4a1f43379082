// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import io.mortise.kernel.metadata.MetadataImage;

import java.util.List;

/**
 * What a whole and sound backup holds.
 *
 * @param metadata the chunks that make {@code image}
 * @param files names below {@code data/plugins}
 * @param highestEpoch of a leader; -1 without logs
 */
public record BackupSummary(
        BackupAbout about,
        MetadataImage image,
        List<byte[]> metadata,
        List<String> files,
        int logs,
        long batches,
        long batchBytes,
        int highestEpoch) {
    public BackupSummary {
        metadata = List.copyOf(metadata);
        files = List.copyOf(files);
    }
}
