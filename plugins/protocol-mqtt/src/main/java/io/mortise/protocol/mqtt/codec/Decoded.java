// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/** What came out of a frame: a packet, or the reason why it is none. */
public sealed interface Decoded permits Packet, Malformed {}
