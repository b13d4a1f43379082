// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/** The plugin against real clients and against noise. */
@NullMarked
package io.mortise.protocol.kafka;

import org.jspecify.annotations.NullMarked;
