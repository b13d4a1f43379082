// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.mapping;

import io.mortise.spi.TopicId;

import org.apache.kafka.common.Uuid;

import java.util.UUID;

/** Topic ids in both spellings. */
public final class TopicIds {
    private TopicIds() {}

    /** As Kafka's messages carry it. */
    public static Uuid kafka(TopicId id) {
        return new Uuid(id.uuid().getMostSignificantBits(), id.uuid().getLeastSignificantBits());
    }

    /** As the broker knows it. */
    public static TopicId mortise(Uuid id) {
        return new TopicId(new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()));
    }
}
