// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Answers packets: one class for each kind of request, each checking, deciding, applying, replying.
 */
@NullMarked
package io.mortise.protocol.mqtt.handler;

import org.jspecify.annotations.NullMarked;
