// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Where a listener is.
 *
 * @param name as the plugin asks for it
 * @param bind addresses; loopback unless said otherwise
 * @param port 0: the plugin's usual one
 * @param advertised what clients are told, {@code host} or {@code host:port}; null: the address
 *     that they reached
 * @param tls null: plain
 * @param maxConnections at once; one more is closed as it comes
 * @param where file and line, for messages
 */
public record ListenerConfig(
        String name,
        List<String> bind,
        int port,
        @Nullable String advertised,
        @Nullable Tls tls,
        int maxConnections,
        String where) {
    /** Where a listener is that mortise.yaml does not name: on this machine only. */
    public static final List<String> LOOPBACK = List.of("127.0.0.1", "::1");

    /** Connections at once where nothing is said. */
    public static final int MAX_CONNECTIONS = 100_000;

    public ListenerConfig {
        bind = List.copyOf(bind);
    }

    /**
     * PEM files.
     *
     * @param certificate the chain, the server's own first
     * @param key PKCS#8, not encrypted
     */
    public record Tls(String certificate, String key) {}

    /** What holds without a line in mortise.yaml. */
    public static ListenerConfig loopback(String name) {
        return new ListenerConfig(
                name, LOOPBACK, 0, null, null, MAX_CONNECTIONS, "listeners." + name);
    }
}
