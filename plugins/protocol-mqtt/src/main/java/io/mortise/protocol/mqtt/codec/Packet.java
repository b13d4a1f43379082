// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/** A well-formed control packet of either direction. */
public sealed interface Packet extends Decoded
        permits Acknowledgement,
                Auth,
                ConnAck,
                Connect,
                Disconnect,
                Ping,
                Publish,
                SubAck,
                Subscribe,
                UnsubAck,
                Unsubscribe {}
