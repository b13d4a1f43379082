// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.spi.security.Operation;

/** Operations as bits. */
final class Operations {
    private static final int ALL = -1;

    private Operations() {}

    static int bit(Operation operation) {
        return 1 << operation.ordinal();
    }

    /** What a rule that denies {@code operation} denies. */
    static int denied(Operation operation) {
        return operation == Operation.ALL ? ALL : bit(operation);
    }

    /** What a rule that allows {@code operation} allows; Kafka's implications (KIP-11). */
    static int allowed(Operation operation) {
        return switch (operation) {
            case ALL -> ALL;
            case READ, WRITE, DELETE, ALTER -> bit(operation) | bit(Operation.DESCRIBE);
            case ALTER_CONFIGS -> bit(operation) | bit(Operation.DESCRIBE_CONFIGS);
            default -> bit(operation);
        };
    }
}
