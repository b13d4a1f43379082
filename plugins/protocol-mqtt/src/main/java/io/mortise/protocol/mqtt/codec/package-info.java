// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * MQTT 3.1.1 and 5.0 on the wire: bytes to packets and back, and nothing else.
 *
 * <p>Malformed input is a value ({@link io.mortise.protocol.mqtt.codec.Malformed}), never an
 * exception. A decoded PUBLISH keeps offsets into the received bytes; whoever needs it longer than
 * the call copies or retains.
 */
@NullMarked
package io.mortise.protocol.mqtt.codec;

import org.jspecify.annotations.NullMarked;
