// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The real clock, scheduler, randomness and files: the only ones in the broker. */
@NullMarked
package io.mortise.kernel.runtime;

import org.jspecify.annotations.NullMarked;
