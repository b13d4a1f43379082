// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code storage ...}. */
@Command(
        name = "storage",
        description = "What the storage engines keep.",
        mixinStandardHelpOptions = true,
        subcommands = StorageCommands.Check.class)
final class StorageCommands {
    private StorageCommands() {}

    @Command(
            name = "check",
            description =
                    "Reads everything back and names what is damaged, while the broker goes on."
                            + " Exit code 1: there is damage, or a directory cannot be read.")
    static final class Check extends BrokerCommand {
        @Parameters(
                paramLabel = "ENGINE",
                arity = "0..1",
                description = "One storage engine; all that can check if it is left out.")
        private String engine = "";

        @Override
        void run(ControlClient broker) {
            int problems = 0;
            if (!engine.isEmpty()) {
                problems = check(broker, engine);
            } else {
                for (JsonNode row : broker.get("/storage").path("engines")) {
                    if (row.path("checkable").asBoolean()) {
                        problems += check(broker, text(row, "engine"));
                    }
                }
            }
            if (problems > 0) {
                throw CommandFailure.refused(
                        problems + " damaged or not checked; what is named is not served");
            }
        }

        private int check(ControlClient broker, String name) {
            JsonNode found = broker.send("POST", "/storage/" + encoded(name) + "/check", null);
            JsonNode problems = found.path("problems");
            problems.forEach(problem -> out().println(line(problem)));
            out().println(
                            "%s: %s logs, %s bytes checked, %s"
                                    .formatted(
                                            name,
                                            text(found, "logs"),
                                            text(found, "bytes"),
                                            problems.isEmpty()
                                                    ? "no damage"
                                                    : problems.size() + " damaged"));
            JsonNode unchecked = found.path("unchecked");
            unchecked.forEach(
                    it ->
                            out().println(
                                            "%s in %s: not checked: %s"
                                                    .formatted(
                                                            name,
                                                            text(it, "directory"),
                                                            text(it, "why"))));
            return problems.size() + unchecked.size();
        }

        private static String line(JsonNode problem) {
            String topic = text(problem, "topic");
            String log =
                    topic.isEmpty()
                            ? "unknown log"
                            : "topic '%s' partition %s"
                                    .formatted(topic, text(problem, "partition"));
            String offsets =
                    problem.path("fromOffset").asLong() < 0
                            ? ""
                            : ", offsets %s to %s"
                                    .formatted(
                                            text(problem, "fromOffset"),
                                            problem.path("toOffset").asLong() < 0
                                                    ? "?"
                                                    : String.valueOf(
                                                            problem.path("toOffset").asLong() - 1));
            return "%s, file %s in %s%s: %s. %s"
                    .formatted(
                            log,
                            text(problem, "file"),
                            text(problem, "directory"),
                            offsets,
                            text(problem, "problem"),
                            text(problem, "remedy"));
        }
    }
}
