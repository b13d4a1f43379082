// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.MetadataImage;
import io.mortise.spi.broker.Broker;

import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /cluster}: which broker this is and what it holds. */
public final class ClusterRoutes {
    private ClusterRoutes() {}

    /**
     * Adds the routes.
     *
     * @param carrier of the metadata, for people
     * @param version of Mortise
     */
    public static void add(
            AdminRouter router, Broker broker, Metadata metadata, String carrier, String version) {
        router.route("GET", "/cluster", _ -> cluster(broker, metadata.image(), carrier, version));
    }

    private static Object cluster(
            Broker broker, MetadataImage image, String carrier, String version) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("version", version);
        row.put("clusterId", broker.clusterId());
        row.put("node", broker.self());
        row.put("nodes", broker.nodes());
        row.put("metadata", Map.of("carrier", carrier, "version", image.version()));
        row.put("topics", image.topics().size());
        row.put("users", image.users().size());
        row.put("rules", image.rules().size());
        row.put("connectors", image.connectors().size());
        return row;
    }
}
