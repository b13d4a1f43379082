// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Engines that each do one thing wrong, and the proof that the kit notices. */
@NullMarked
package io.mortise.spi.testing.defects;

import org.jspecify.annotations.NullMarked;
