// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** {@code backup ...}; what needs no broker is the launcher's. */
@Command(
        name = "backup",
        description = "Copies of everything, made while the broker runs.",
        footer = {
            "",
            "Without a broker, by the launcher:",
            "  mortise backup verify FILE",
            "  mortise backup restore FILE [--data DIR] [--conf DIR] [--plugins DIR]"
        },
        mixinStandardHelpOptions = true,
        subcommands = BackupCommands.Create.class)
final class BackupCommands {
    private BackupCommands() {}

    @Command(name = "create", description = "Writes metadata and logs into one file.")
    static final class Create extends BrokerCommand {
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

        @Parameters(
                paramLabel = "FILE|DIR",
                description = "The file, which must not exist; or a directory to put it in.")
        private Path place = Path.of("");

        @Override
        void run(ControlClient broker) {
            Path file = place.toAbsolutePath().normalize();
            if (Files.isDirectory(file)) {
                String cluster = text(broker.get("/cluster"), "clusterId");
                file =
                        file.resolve(
                                "mortise-%s-%s.backup"
                                        .formatted(cluster, TIME.format(Instant.now())));
            }
            var body = ControlClient.MAPPER.createObjectNode().put("file", file.toString());
            JsonNode made = broker.send("POST", "/backups", body);
            out().println(
                            "backup %s: %s logs, %s batches, %s bytes"
                                    .formatted(
                                            text(made, "file"),
                                            text(made, "logs"),
                                            text(made, "batches"),
                                            text(made, "bytes")));
            made.path("leftOut")
                    .forEach(
                            topic ->
                                    out().println(
                                                    "records of topic '%s' are not in it: its"
                                                                    .formatted(topic.asText())
                                                            + " storage engine keeps none over a"
                                                            + " restart"));
        }
    }
}
