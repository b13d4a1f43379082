// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** {@code connector ...}. */
@Command(
        name = "connector",
        description = "Connectors: other systems to topics and back.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ConnectorCommands.List.class,
            ConnectorCommands.Create.class,
            ConnectorCommands.Status.class,
            ConnectorCommands.Restart.class,
            ConnectorCommands.Pause.class,
            ConnectorCommands.Resume.class,
            ConnectorCommands.Delete.class
        })
final class ConnectorCommands {
    private ConnectorCommands() {}

    @Command(name = "list", description = "Lists connectors.")
    static final class List extends BrokerCommand {
        @Override
        void run(ControlClient broker) {
            var table = new Table("NAME", "PLUGIN", "STATE", "WRITTEN", "REJECTED", "ERROR");
            for (JsonNode connector : broker.get("/connectors").path("connectors")) {
                JsonNode status = connector.path("status");
                table.row(
                        text(connector, "name"),
                        text(connector, "plugin"),
                        text(status, "state"),
                        text(status, "written"),
                        text(status, "rejected"),
                        text(status, "lastError"));
            }
            table.print(out());
        }
    }

    @Command(name = "create", description = "Creates a connector and starts it.")
    static final class Create extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Option(names = "--plugin", paramLabel = "ID", required = true)
        private String plugin = "";

        @Option(
                names = "--config",
                paramLabel = "FILE",
                required = true,
                description =
                        "JSON object: 'topics' (a list, or names joined by commas), settings.")
        private Path config = Path.of("");

        @Override
        void run(ControlClient broker) {
            ObjectNode body =
                    ControlClient.MAPPER.createObjectNode().put("name", name).put("plugin", plugin);
            fill(body, read());
            JsonNode connector = broker.send("POST", "/connectors", body);
            out().println(
                            "connector '%s' is created and %s"
                                    .formatted(name, text(connector.path("status"), "state")));
        }

        private ObjectNode read() {
            try {
                if (ControlClient.MAPPER.readTree(Files.readAllBytes(config))
                        instanceof ObjectNode object) {
                    return object;
                }
                throw CommandFailure.misused(config + " holds no JSON object");
            } catch (IOException failed) {
                throw CommandFailure.misused("cannot read " + config + ": " + failed.getMessage());
            }
        }

        private static void fill(ObjectNode body, ObjectNode file) {
            JsonNode topics = file.path("topics");
            var list = body.putArray("topics");
            if (topics.isArray()) {
                topics.forEach(list::add);
            } else {
                for (String topic : topics.asText("").split(",", -1)) {
                    if (!topic.isBlank()) {
                        list.add(topic.trim());
                    }
                }
            }
            ObjectNode settings = body.putObject("settings");
            for (Map.Entry<String, JsonNode> member : file.properties()) {
                if (!member.getKey().equals("topics")) {
                    settings.put(member.getKey(), member.getValue().asText());
                }
            }
        }
    }

    @Command(name = "status", description = "Shows what a connector does, and how far it is.")
    static final class Status extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Override
        void run(ControlClient broker) {
            JsonNode connector = broker.get("/connectors/" + encoded(name));
            JsonNode status = connector.path("status");
            out().println("name      " + text(connector, "name"));
            out().println("plugin    " + text(connector, "plugin"));
            for (Map.Entry<String, JsonNode> member : status.properties()) {
                if (member.getValue().isValueNode() && !member.getValue().isNull()) {
                    out().println("%-9s %s".formatted(member.getKey(), member.getValue().asText()));
                }
            }
            status.path("lastRejected").forEach(it -> out().println("rejected: " + it.asText()));
            var table = new Table("TOPIC", "PARTITION", "POSITION", "LAG");
            for (JsonNode lag : status.path("lag")) {
                table.row(
                        text(lag, "topic"),
                        text(lag, "partition"),
                        text(lag, "position"),
                        text(lag, "lag"));
            }
            table.print(out());
        }
    }

    @Command(name = "restart", description = "Starts a failed connector again.")
    static final class Restart extends Change {
        Restart() {
            super("restart", "is restarted");
        }
    }

    @Command(name = "pause", description = "Stops a connector; its position stays.")
    static final class Pause extends Change {
        Pause() {
            super("pause", "is paused");
        }
    }

    @Command(name = "resume", description = "Lets a paused connector go on.")
    static final class Resume extends Change {
        Resume() {
            super("resume", "goes on");
        }
    }

    @Command(name = "delete", description = "Removes a connector; what it wrote stays.")
    static final class Delete extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Override
        void run(ControlClient broker) {
            broker.delete("/connectors/" + encoded(name));
            out().println("connector '" + name + "' is removed");
        }
    }

    /** A POST without a body. */
    abstract static class Change extends BrokerCommand {
        private final String action;
        private final String done;

        @Parameters(paramLabel = "NAME")
        private String name = "";

        Change(String action, String done) {
            this.action = action;
            this.done = done;
        }

        @Override
        void run(ControlClient broker) {
            broker.send("POST", "/connectors/" + encoded(name) + "/" + action, null);
            out().println("connector '" + name + "' " + done);
        }
    }
}
