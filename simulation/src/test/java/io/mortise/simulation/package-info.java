// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/** A broker's topics and logs on one thread, with everything that happens drawn from a seed. */
@NullMarked
package io.mortise.simulation;

import org.jspecify.annotations.NullMarked;
