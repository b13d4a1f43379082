// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Apache Kafka's own group coordinator over our log. The only package that may import Kafka's
 * coordinator, server, storage and metadata classes, which change with every minor version; what it
 * offers to the rest of the plugin is {@link io.mortise.protocol.kafka.coordinator.Groups}.
 */
@NullMarked
package io.mortise.protocol.kafka.coordinator;

import org.jspecify.annotations.NullMarked;
