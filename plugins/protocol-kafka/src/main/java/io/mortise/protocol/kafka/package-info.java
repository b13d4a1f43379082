// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/** Apache Kafka's protocol. */
@NullMarked
package io.mortise.protocol.kafka;

import org.jspecify.annotations.NullMarked;
