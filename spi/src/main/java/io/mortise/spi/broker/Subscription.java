// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

/**
 * One subscription of a session (MQTT 5.0, section 3.8.3.1).
 *
 * @param maximumQos 0, 1 or 2
 * @param noLocal do not deliver what the same session published
 * @param retainAsPublished keep the retain flag as published
 * @param identifier 0 for none
 */
public record Subscription(
        AddressFilter filter,
        int maximumQos,
        boolean noLocal,
        boolean retainAsPublished,
        RetainHandling retainHandling,
        int identifier) {
    /** Whether retained messages are sent at subscribe; ordinals are MQTT 5.0's values. */
    public enum RetainHandling {
        SEND,
        SEND_IF_NEW,
        DO_NOT_SEND
    }
}
