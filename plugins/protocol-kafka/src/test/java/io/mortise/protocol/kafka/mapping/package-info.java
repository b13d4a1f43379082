// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/** Between Kafka's words and the broker's. */
@NullMarked
package io.mortise.protocol.kafka.mapping;

import org.jspecify.annotations.NullMarked;
