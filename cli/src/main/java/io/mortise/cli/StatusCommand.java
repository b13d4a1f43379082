// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;

import picocli.CommandLine.Command;

import java.io.PrintWriter;

/** {@code status}. */
@Command(name = "status", description = "Shows whether the broker serves, and where.")
final class StatusCommand extends BrokerCommand {
    @Override
    void run(ControlClient broker) {
        JsonNode health = broker.get("/health");
        JsonNode cluster = broker.get("/cluster");
        PrintWriter out = out();
        out.println("ready     " + (health.path("ready").asBoolean() ? "yes" : "no"));
        health.path("waitingFor").forEach(it -> out.println("          " + it.asText()));
        health.path("degraded").forEach(it -> out.println("degraded  " + it.asText()));
        out.println("version   " + text(cluster, "version"));
        out.println("cluster   " + text(cluster, "clusterId"));
        out.println("node      " + text(cluster.path("node"), "id"));
        out.println("topics    " + text(cluster, "topics"));
        for (JsonNode endpoint : cluster.path("node").path("endpoints")) {
            out.println(
                    "listener  %s %s:%s"
                            .formatted(
                                    text(endpoint, "listener"),
                                    text(endpoint, "host"),
                                    text(endpoint, "port")));
        }
    }
}
