// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

/**
 * One Topic Filter of a SUBSCRIBE with its Subscription Options (MQTT 5.0, 3.8.3.1).
 *
 * @param filter a well-formed Topic Filter
 * @param options the options byte; in 3.1.1 only the QoS
 */
public record Subscription(String filter, int options) {

    /** Options byte of these settings; {@code retainHandling} 0 to 2. */
    public static int options(
            int qos, boolean noLocal, boolean retainAsPublished, int retainHandling) {
        return qos | (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | retainHandling << 4;
    }

    /** Maximum QoS, 0 to 2. */
    public int qos() {
        return options & 3;
    }

    /** Not to be sent what the same client published. */
    public boolean isNoLocal() {
        return (options & 4) != 0;
    }

    /** Forward the RETAIN flag as it was published. */
    public boolean isRetainAsPublished() {
        return (options & 8) != 0;
    }

    /** 0: send retained messages; 1: only for a new subscription; 2: never. */
    public int retainHandling() {
        return options >> 4 & 3;
    }
}
