// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** An engine that keeps its logs in memory. */
@NullMarked
package io.mortise.storage.memory;

import org.jspecify.annotations.NullMarked;
