// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** One class per request. */
@NullMarked
package io.mortise.protocol.kafka.handler;

import org.jspecify.annotations.NullMarked;
