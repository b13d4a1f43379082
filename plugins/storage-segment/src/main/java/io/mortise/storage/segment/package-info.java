// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * An engine that keeps each log in files of its own, behind a commit log that small appends share.
 */
@NullMarked
package io.mortise.storage.segment;

import org.jspecify.annotations.NullMarked;
