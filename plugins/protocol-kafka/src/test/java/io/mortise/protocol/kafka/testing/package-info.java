// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/** A broker in memory, by which the plugin is tried against real clients without a kernel. */
@NullMarked
package io.mortise.protocol.kafka.testing;

import org.jspecify.annotations.NullMarked;
