// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

import io.mortise.spi.TenantId;

/**
 * Who a connection acts for.
 *
 * @param tenant where its topics are
 * @param name the user; rules name it {@code User:name}
 * @param anonymous whether no credential was shown
 */
public record Principal(TenantId tenant, String name, boolean anonymous) {
    /** Kafka's name for the one who showed no credential. */
    public static final Principal ANONYMOUS = new Principal(TenantId.DEFAULT, "ANONYMOUS", true);
}
