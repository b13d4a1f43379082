// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.protocol.kafka.mapping.TopicIds;
import io.mortise.spi.Registration;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.TopicListener;
import io.mortise.spi.protocol.ProtocolContext;

import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.protocol.Errors;

import java.net.InetAddress;

/** The groups of one tenant: a coordinator over that tenant's {@code __consumer_offsets}. */
final class TenantGroups implements AutoCloseable {
    private static final int LIST_GROUPS = 16;
    private static final int LIST_GROUPS_VERSION = 5;

    private final TenantId tenant;
    private final Groups groups;
    private final Elections elections;
    private final Registration topics;
    private volatile boolean loaded;

    TenantGroups(ProtocolContext context, Topic offsets, GroupSettings settings) {
        this.tenant = offsets.tenant();
        CoordinatorLog log = new TopicCoordinatorLog(offsets);
        this.groups = new Groups(log, settings, context.scheduler(), context.clock());
        this.elections = new Elections(offsets, groups, context.scheduler());
        elections.check();
        this.topics = context.broker().topics().onChange(Runnable::run, new Listener());
    }

    Groups groups() {
        return groups;
    }

    /**
     * Whether every partition was replayed. Asks the coordinator, which says so only to those who
     * list.
     */
    boolean loaded() {
        if (!loaded) {
            groups.listGroups(probe(), new ListGroupsRequestData())
                    .thenAccept(answer -> loaded |= answer.errorCode() == Errors.NONE.code());
        }
        return loaded;
    }

    private static GroupClient probe() {
        return new GroupClient(
                "",
                InetAddress.getLoopbackAddress(),
                "",
                LIST_GROUPS,
                LIST_GROUPS_VERSION,
                0,
                topic -> false);
    }

    private final class Listener implements TopicListener {
        @Override
        public void changed(Topic topic) {
            if (topic.tenant().equals(tenant) && !topic.internal()) {
                groups.topicPresent(
                        TopicIds.kafka(topic.id()), topic.name(), topic.partitionCount());
            }
        }

        @Override
        public void deleted(Topic topic) {
            groups.topicGone(TopicIds.kafka(topic.id()));
        }
    }

    @Override
    public void close() {
        topics.close();
        elections.close();
        groups.close();
    }
}
