// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/** AUTH (MQTT 5.0, 3.15). */
public record Auth(ReasonCode reason, Properties properties) implements Packet {}
