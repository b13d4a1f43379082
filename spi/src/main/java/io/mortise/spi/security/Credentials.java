// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;

/**
 * What a client showed. Never logged.
 *
 * @param username null if none was sent
 * @param password null if none was sent; the authenticator must not keep it
 * @param clientId the protocol's client identifier, or empty
 * @param protocol e.g. {@code mqtt}
 * @param remote the peer
 */
@SuppressWarnings("ArrayRecordComponent") // handed through once, never compared
public record Credentials(
        @Nullable String username,
        byte @Nullable [] password,
        String clientId,
        String protocol,
        InetSocketAddress remote) {
    @Override
    public String toString() {
        return "Credentials[" + username + ", " + protocol + ", " + remote + "]";
    }
}
