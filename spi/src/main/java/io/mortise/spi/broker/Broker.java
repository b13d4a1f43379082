// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.LogId;
import io.mortise.spi.Refusal;
import io.mortise.spi.security.Security;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** The broker as a plugin sees it. Any thread. */
@ProviderType
public interface Broker {
    Topics topics();

    Sessions sessions();

    Security security();

    /** 22 characters of base64url, as Kafka's cluster ids. */
    String clusterId();

    /** This node; its {@link Node#id} is never negative. */
    Node self();

    /** All nodes that serve clients, in order of id. */
    List<Node> nodes();

    /** A block of idempotent producer ids that no one else will ever get. */
    CompletionStage<ProducerIdBlock> allocateProducerIds();

    /**
     * Where this node's storage engines keep their logs, in order of their names: each in one
     * directory or more. Asks the file system: may block, so on no event loop.
     */
    default List<LogDirectory> logDirectories() {
        return List.of(); // of a broker without storage engines
    }

    /**
     * A node.
     *
     * @param endpoints where clients reach it, by listener name
     */
    record Node(int id, List<Endpoint> endpoints) {
        public Node {
            endpoints = List.copyOf(endpoints);
        }
    }

    /** Where clients reach a listener: the advertised host and port. */
    record Endpoint(String listener, String host, int port) {}

    /**
     * A directory of one storage engine.
     *
     * @param engine as topics name it in {@code storage.engine}
     * @param path absolute
     * @param totalBytes of its file system; -1 if unknown, or the engine keeps nothing there
     * @param usableBytes of these, what may still be written; -1 likewise
     * @param offline why it is out of service; null if it is not
     * @param logs that it keeps
     */
    record LogDirectory(
            String engine,
            String path,
            long totalBytes,
            long usableBytes,
            @Nullable Refusal offline,
            Set<LogId> logs) {
        public LogDirectory {
            logs = Set.copyOf(logs);
        }
    }

    /** Producer ids {@code first} to {@code first + count - 1}. */
    record ProducerIdBlock(long first, int count) {}
}
