// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/** Frames and headers. */
@NullMarked
package io.mortise.protocol.kafka.codec;

import org.jspecify.annotations.NullMarked;
