// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

/** When an append is answered; weakest first. */
public enum AckLevel {
    /** As soon as it has its place in the log (QoS 0, Kafka acks=0). */
    SEQUENCED,
    /** Once the operating system has it (Kafka acks=1). */
    WRITTEN,
    /**
     * Once it is as durable as the topic asks (QoS 1 and 2, Kafka acks=all): the high watermark has
     * passed it.
     */
    DURABLE
}
