// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Identity;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The rights of one client, as Kafka asks for them. */
final class Access {
    /** Kafka's name of the only cluster resource. */
    private static final String CLUSTER = "kafka-cluster";

    /** Kafka's codes of operations (AclOperation), by ordinal of ours up to IDEMPOTENT_WRITE. */
    private static final int READ_CODE = 3;

    private static final Operation[] IN_ORDER_OF_CODE = {
        Operation.READ,
        Operation.WRITE,
        Operation.CREATE,
        Operation.DELETE,
        Operation.ALTER,
        Operation.DESCRIBE,
        Operation.CLUSTER_ACTION,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
        Operation.IDEMPOTENT_WRITE
    };

    private Access() {}

    static boolean topic(Identity client, Operation operation, String name) {
        return client.may(operation, ResourceType.TOPIC, name);
    }

    /**
     * What a client is told that names a topic, or its id where the name is empty. Who may not use
     * a name is not told whether there is a topic of that name.
     */
    static Errors topicError(
            Identity client, Operation operation, @Nullable Topic found, String name) {
        if (found == null && name.isEmpty()) {
            return Errors.UNKNOWN_TOPIC_ID;
        }
        if (!topic(client, operation, found == null ? name : found.name())) {
            return Errors.TOPIC_AUTHORIZATION_FAILED;
        }
        return found == null ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.NONE;
    }

    static boolean group(Identity client, Operation operation, String id) {
        return client.may(operation, ResourceType.GROUP, id);
    }

    static boolean cluster(Identity client, Operation operation) {
        return client.may(operation, ResourceType.CLUSTER, CLUSTER);
    }

    /** Describe follows from each of the others (as Kafka's AclAuthorizer has it). */
    static boolean describeTopic(Identity client, String name) {
        return topic(client, Operation.DESCRIBE, name)
                || topic(client, Operation.READ, name)
                || topic(client, Operation.WRITE, name)
                || topic(client, Operation.DELETE, name)
                || topic(client, Operation.ALTER, name);
    }

    /** Describe follows from read and delete. */
    static boolean describeGroup(Identity client, String id) {
        return group(client, Operation.DESCRIBE, id)
                || group(client, Operation.READ, id)
                || group(client, Operation.DELETE, id);
    }

    static boolean createTopic(Identity client, String name) {
        return topic(client, Operation.CREATE, name) || cluster(client, Operation.CREATE);
    }

    /** The operations allowed, as a bit field by Kafka's codes (KIP-430). */
    static int operations(Identity client, ResourceType type, String name) {
        int bits = 0;
        for (int i = 0; i < IN_ORDER_OF_CODE.length; i++) {
            if (client.may(IN_ORDER_OF_CODE[i], type, name)) {
                bits |= 1 << (i + READ_CODE);
            }
        }
        return bits;
    }

    static int clusterOperations(Identity client) {
        return operations(client, ResourceType.CLUSTER, CLUSTER);
    }
}
