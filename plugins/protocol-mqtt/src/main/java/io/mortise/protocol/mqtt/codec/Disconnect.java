// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/** DISCONNECT (MQTT 5.0, 3.14). In 3.1.1 always {@link ReasonCode#SUCCESS}. */
public record Disconnect(ReasonCode reason, Properties properties) implements Packet {}
