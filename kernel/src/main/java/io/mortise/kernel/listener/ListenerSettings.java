// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A listener as mortise.yaml has it below {@code listeners:}.
 *
 * @param addresses to bind; of the two loopback addresses, one that the machine lacks is skipped
 * @param port 0 for any free one, -1 for the default of the protocol
 * @param tls null for plain connections
 * @param maxConnections connections at once; one more is closed as it comes
 * @param advertisedHost what clients are told, or null for the first address
 * @param advertisedPort what clients are told, or 0 for the port bound
 */
public record ListenerSettings(
        List<String> addresses,
        int port,
        @Nullable Tls tls,
        int maxConnections,
        @Nullable String advertisedHost,
        int advertisedPort) {
    /** Connections at once where nothing else is configured. */
    public static final int MAX_CONNECTIONS = 100_000;

    /** Both loopback addresses, the protocol's port. */
    public static final ListenerSettings DEFAULT =
            new ListenerSettings(List.of("127.0.0.1", "::1"), -1, null, MAX_CONNECTIONS, null, 0);

    public ListenerSettings {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() || port < -1 || port > 65_535 || maxConnections < 1) {
            throw new IllegalArgumentException(
                    "a listener needs an address, a port up to 65535 and room for a connection");
        }
    }

    /** The same on another port. */
    public ListenerSettings withPort(int newPort) {
        return new ListenerSettings(
                addresses, newPort, tls, maxConnections, advertisedHost, advertisedPort);
    }

    /**
     * TLS for a listener; the bytes of PEM files.
     *
     * @param certificate chain, the server's own first
     * @param key PKCS#8, not encrypted
     */
    @SuppressWarnings("ArrayRecordComponent") // handed through once, never compared
    public record Tls(byte[] certificate, byte[] key) {}
}
