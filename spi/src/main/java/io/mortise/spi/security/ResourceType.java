// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.security;

/** What it is done to. May grow in a minor version. */
public enum ResourceType {
    /** A topic by name, or an address below it: {@code factory}, {@code factory/line1/temp}. */
    TOPIC,
    GROUP,
    TRANSACTION,
    QUEUE,
    EXCHANGE,
    CONNECTOR,
    PLUGIN,
    USER,
    CLUSTER
}
