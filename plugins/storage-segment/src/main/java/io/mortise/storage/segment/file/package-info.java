// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The bytes in the engine's files: headers, commit frames, extent footers, checkpoints, batches.
 */
@NullMarked
package io.mortise.storage.segment.file;

import org.jspecify.annotations.NullMarked;
