// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Backups: metadata and logs of a running node in one file, and back into a data directory. The
 * file's layout: {@link io.mortise.kernel.backup.BackupFormat}. Making one: {@link
 * io.mortise.kernel.backup.BackupRun}; reading and checking: {@link
 * io.mortise.kernel.backup.BackupScan}; back into an engine: {@link
 * io.mortise.kernel.backup.LogRestoration}.
 */
@NullMarked
package io.mortise.kernel.backup;

import org.jspecify.annotations.NullMarked;
