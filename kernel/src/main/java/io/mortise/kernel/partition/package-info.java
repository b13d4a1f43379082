// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The log of one partition (design.md, section 5 "Log"): sequencing into a ring in memory, the
 * writer of each engine, producer state, epochs, reading, retention, and the host that opens and
 * closes them.
 */
@NullMarked
package io.mortise.kernel.partition;

import org.jspecify.annotations.NullMarked;
