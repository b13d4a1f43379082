// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.listener.Listeners;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.broker.Sessions;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.security.Security;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** The broker as plugins see it: a cluster of this one node. */
final class NodeBroker implements Broker {
    private final String clusterId;
    private final int nodeId;
    private final ProducerIds producerIds;
    private final Topics topics;
    private final Sessions sessions;
    private final Security security;
    private final Listeners listeners;
    private final LogDirectories directories;

    /** With the list of endpoints that it was made from; replaced when they change. */
    private volatile List<Node> nodes;

    NodeBroker(
            String clusterId,
            int nodeId,
            Metadata metadata,
            Topics topics,
            Sessions sessions,
            Security security,
            Listeners listeners,
            LogDirectories directories) {
        this.clusterId = clusterId;
        this.nodeId = nodeId;
        this.producerIds = new ProducerIds(metadata);
        this.topics = topics;
        this.sessions = sessions;
        this.security = security;
        this.listeners = listeners;
        this.directories = directories;
        this.nodes = List.of(new Node(nodeId, List.of()));
        producerIds.putBy();
    }

    @Override
    public Topics topics() {
        return topics;
    }

    @Override
    public Sessions sessions() {
        return sessions;
    }

    @Override
    public Security security() {
        return security;
    }

    @Override
    public String clusterId() {
        return clusterId;
    }

    @Override
    public Node self() {
        return nodes().getFirst();
    }

    @Override
    public List<Node> nodes() {
        List<Node> known = nodes;
        List<Endpoint> now = listeners.endpoints();
        if (!known.getFirst().endpoints().equals(now)) {
            known = List.of(new Node(nodeId, now));
            nodes = known;
        }
        return known;
    }

    @Override
    public List<LogDirectory> logDirectories() {
        return directories.all();
    }

    @Override
    public CompletionStage<ProducerIdBlock> allocateProducerIds() {
        return producerIds.allocate();
    }
}
