// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.record.Header;
import io.netty.buffer.ByteBuf;

import java.util.List;

/**
 * A message on its way into the log.
 *
 * @param address where to
 * @param payload the body, between reader and writer index; may be empty
 * @param headers in order, none of them reserved ({@code m.*}) but those that the protocol's
 *     mapping writes; the shared empty list where there are none
 * @param qos 0, 1 or 2 as published
 * @param retained to be kept as the address's retained message
 * @param expirySeconds lifetime, unsigned; -1 for ever
 */
public record Message(
        Address address,
        ByteBuf payload,
        List<Header> headers,
        byte qos,
        boolean retained,
        long expirySeconds) {}
