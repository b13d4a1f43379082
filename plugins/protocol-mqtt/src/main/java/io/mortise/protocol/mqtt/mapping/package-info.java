// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Packets to the broker's messages and back; docs/mapping.md is the table. The only place that
 * knows both.
 */
@NullMarked
package io.mortise.protocol.mqtt.mapping;

import org.jspecify.annotations.NullMarked;
