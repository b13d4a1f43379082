// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.LinkedHashMap;
import java.util.Map;

/** {@code topic ...}. */
@Command(
        name = "topic",
        description = "Topics and their configuration.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TopicCommands.List.class,
            TopicCommands.Create.class,
            TopicCommands.Describe.class,
            TopicCommands.Config.class,
            TopicCommands.Delete.class
        })
final class TopicCommands {
    private TopicCommands() {}

    @Command(name = "list", description = "Lists topics.")
    static final class List extends BrokerCommand {
        @Option(names = "--internal", description = "The broker's own topics too.")
        private boolean internal;

        @Override
        void run(ControlClient broker) {
            var table = new Table("NAME", "PARTITIONS", "DURABILITY", "CONFIGS");
            for (JsonNode topic : broker.get("/topics").path("topics")) {
                if (internal || !topic.path("internal").asBoolean()) {
                    table.row(
                            text(topic, "name"),
                            text(topic, "partitions"),
                            text(topic, "durability"),
                            pairs(topic.path("configs")));
                }
            }
            table.print(out());
        }

        private static String pairs(JsonNode configs) {
            var pairs = new java.util.ArrayList<String>();
            configs.properties()
                    .forEach(it -> pairs.add(it.getKey() + "=" + it.getValue().asText()));
            return String.join(" ", pairs);
        }
    }

    @Command(name = "create", description = "Creates a topic.")
    static final class Create extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Option(
                names = "--partitions",
                paramLabel = "N",
                description = "Partitions (default: topics.defaults in mortise.yaml, or 4).")
        private int partitions = -1;

        @Option(
                names = "--config",
                paramLabel = "KEY=VALUE",
                description = "A config, e.g. durability=OS; may be given again.")
        private Map<String, String> configs = new LinkedHashMap<>();

        @Override
        void run(ControlClient broker) {
            ObjectNode body = ControlClient.MAPPER.createObjectNode().put("name", name);
            if (partitions != -1) {
                body.put("partitions", partitions);
            }
            configs.forEach(body.putObject("configs")::put);
            JsonNode topic = broker.send("POST", "/topics", body);
            out().println(
                            "topic '%s' is created with %s partitions, durability %s"
                                    .formatted(
                                            text(topic, "name"),
                                            text(topic, "partitions"),
                                            text(topic, "durability")));
        }
    }

    @Command(name = "describe", description = "Shows a topic's partitions and configs.")
    static final class Describe extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Override
        void run(ControlClient broker) {
            JsonNode topic = broker.get("/topics/" + encoded(name));
            out().println("name        " + text(topic, "name"));
            out().println("id          " + text(topic, "id"));
            out().println("durability  " + text(topic, "durability"));
            out().println();
            printPartitions(topic);
            out().println();
            printGenerations(topic);
            printConfigs(topic);
        }

        /** Where a partition's records lie, if not all are kept by the topic's engine. */
        private void printGenerations(JsonNode topic) {
            var table = new Table("PARTITION", "GENERATION", "ENGINE", "START", "END", "BYTES");
            boolean several = false;
            for (JsonNode partition : topic.path("partitionDetails")) {
                JsonNode generations = partition.path("generations");
                several |= generations.size() > 1;
                for (JsonNode generation : generations) {
                    table.row(
                            text(partition, "partition"),
                            text(generation, "number"),
                            text(generation, "engine"),
                            text(generation, "startOffset"),
                            text(generation, "endOffset"),
                            text(generation, "sizeInBytes"));
                }
            }
            if (several) {
                table.print(out());
                out().println();
            }
        }

        private void printPartitions(JsonNode topic) {
            var table =
                    new Table("PARTITION", "LEADER", "EPOCH", "START", "VISIBLE", "END", "BYTES");
            for (JsonNode partition : topic.path("partitionDetails")) {
                boolean serving = partition.path("serving").asBoolean();
                table.row(
                        text(partition, "partition"),
                        text(partition, "leader"),
                        text(partition, "leaderEpoch"),
                        serving ? text(partition, "logStartOffset") : "not serving",
                        text(partition, "highWatermark"),
                        text(partition, "logEndOffset"),
                        text(partition, "sizeBytes"));
            }
            table.print(out());
        }

        private void printConfigs(JsonNode topic) {
            var table = new Table("CONFIG", "VALUE", "SET BY");
            for (Map.Entry<String, JsonNode> config : topic.path("configsInForce").properties()) {
                boolean own = topic.path("configs").has(config.getKey());
                table.row(config.getKey(), config.getValue().asText(), own ? "topic" : "default");
            }
            table.print(out());
        }
    }

    @Command(name = "config", description = "Changes configs or the number of partitions.")
    static final class Config extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Option(
                names = {"--set", "--config"},
                paramLabel = "KEY=VALUE",
                description = "May be given again.")
        private Map<String, String> set = new LinkedHashMap<>();

        @Option(
                names = "--reset",
                paramLabel = "KEY",
                description = "Back to the default; may be given again.")
        private java.util.List<String> reset = java.util.List.of();

        @Option(names = "--partitions", paramLabel = "N", description = "More partitions.")
        private int partitions = -1;

        @Override
        void run(ControlClient broker) {
            ObjectNode body = ControlClient.MAPPER.createObjectNode();
            if (!set.isEmpty() || !reset.isEmpty()) {
                ObjectNode configs = body.putObject("configs");
                set.forEach(configs::put);
                reset.forEach(configs::putNull);
            }
            if (partitions != -1) {
                body.put("partitions", partitions);
            }
            if (body.isEmpty()) {
                throw CommandFailure.misused(
                        "nothing to change: give --set, --reset or --partitions");
            }
            broker.send("PATCH", "/topics/" + encoded(name), body);
            out().println("topic '" + name + "' is changed");
        }
    }

    @Command(name = "delete", description = "Deletes a topic and what is in it.")
    static final class Delete extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Override
        void run(ControlClient broker) {
            broker.delete("/topics/" + encoded(name));
            out().println("topic '" + name + "' is deleted");
        }
    }
}
