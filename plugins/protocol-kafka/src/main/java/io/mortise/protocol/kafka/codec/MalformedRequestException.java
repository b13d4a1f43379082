// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.codec;

/**
 * The peer sent bytes that are no Kafka request. Costs the connection and one log line, so it
 * carries no stack.
 */
public final class MalformedRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What was wrong, with value and limit. */
    public MalformedRequestException(String message) {
        super(message, null, false, false);
    }
}
