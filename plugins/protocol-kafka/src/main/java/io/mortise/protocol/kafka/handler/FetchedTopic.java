// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** A topic as a fetch names it: by id, or by name in versions before 13. Event loop. */
final class FetchedTopic {
    private final Uuid id;
    private final String name;
    private final @Nullable TopicId known;
    private @Nullable Topic topic;
    private Errors error = Errors.NONE;
    private @Nullable FetchableTopicResponse answer;

    FetchedTopic(Uuid id, String name) {
        this.id = id;
        this.name = name;
        this.known = name.isEmpty() ? TopicIds.mortise(id) : null;
    }

    /** Finds the topic of that name or id as it is now, and asks for the right to read it. */
    void refresh(Services services, KafkaConnection connection) {
        Topic found =
                known == null ? services.find(connection, name) : services.find(connection, known);
        error = Access.topicError(connection.identity(), Operation.READ, found, name);
        topic = error == Errors.NONE ? found : null;
    }

    /** Null exactly if there is an {@link #error}. */
    @Nullable Topic topic() {
        return topic;
    }

    Errors error() {
        return error;
    }

    /** Its place in a response, made when the first of its partitions is answered. */
    FetchableTopicResponse answerIn(FetchResponseData response) {
        FetchableTopicResponse place = answer;
        if (place == null) {
            place = new FetchableTopicResponse().setTopic(name).setTopicId(id);
            response.responses().add(place);
            answer = place;
        }
        return place;
    }

    /** The response is on its way. */
    void forgetAnswer() {
        answer = null;
    }
}
