// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/**
 * Names a tenant: the outermost scope of topics, users and rules (an AMQP virtual host, a RocketMQ
 * namespace).
 *
 * @param name 1 to 64 characters of {@code [a-zA-Z0-9._-]}
 */
public record TenantId(String name) {
    /** The tenant that needs no configuration. */
    public static final TenantId DEFAULT = new TenantId("default");

    public TenantId {
        if (name.isEmpty() || name.length() > 64 || !legal(name)) {
            throw new IllegalArgumentException(
                    "tenant name '" + name + "' is not 1 to 64 characters of [a-zA-Z0-9._-]");
        }
    }

    private static boolean legal(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letterOrDigit =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return name;
    }
}
