// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.protocol.mqtt.codec.ReasonCode;

/** Why a well-formed packet cannot be answered, told to the client as reason and text. */
record Fault(ReasonCode reason, String text) {}
