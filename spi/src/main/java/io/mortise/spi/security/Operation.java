// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

/**
 * What one may do: a superset of Kafka's operations, with AMQP's configure. May grow in a minor
 * version.
 */
public enum Operation {
    READ,
    WRITE,
    CREATE,
    DELETE,
    ALTER,
    DESCRIBE,
    CLUSTER_ACTION,
    DESCRIBE_CONFIGS,
    ALTER_CONFIGS,
    IDEMPOTENT_WRITE,
    CONFIGURE,
    /** Every operation; in rules only. */
    ALL
}
