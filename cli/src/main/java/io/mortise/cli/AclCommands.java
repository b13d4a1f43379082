// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.Locale;

/** {@code acl ...}: who may do what. */
@Command(
        name = "acl",
        description = "Rules: who may do what. Deny wins.",
        mixinStandardHelpOptions = true,
        subcommands = {AclCommands.List.class, AclCommands.Add.class, AclCommands.Delete.class})
final class AclCommands {
    private AclCommands() {}

    @Command(name = "list", description = "Lists rules.")
    static final class List extends BrokerCommand {
        @Override
        void run(ControlClient broker) {
            var table =
                    new Table(
                            "ID",
                            "EFFECT",
                            "PRINCIPAL",
                            "HOST",
                            "OPERATION",
                            "RESOURCE",
                            "PATTERN",
                            "TYPE");
            for (JsonNode rule : broker.get("/rules").path("rules")) {
                table.row(
                        text(rule, "id"),
                        text(rule, "effect"),
                        text(rule, "principal"),
                        text(rule, "host"),
                        text(rule, "operation"),
                        text(rule, "resource"),
                        text(rule, "pattern"),
                        text(rule, "patternType"));
            }
            table.print(out());
        }
    }

    @Command(name = "add", description = "Adds a rule.")
    static final class Add extends BrokerCommand {
        @Option(names = "--deny", description = "Forbids instead of allowing.")
        private boolean deny;

        @Option(
                names = "--user",
                paramLabel = "NAME",
                required = true,
                description = "Whom the rule is for; * for everyone.")
        private String user = "";

        @Option(names = "--host", paramLabel = "ADDRESS", description = "Default: any.")
        private String host = "*";

        @Option(
                names = "--operation",
                paramLabel = "NAME",
                description = "read, write, create, delete, alter, describe, ... (default: all).")
        private String operation = "all";

        @Option(
                names = "--resource",
                paramLabel = "TYPE",
                description = "topic, group, cluster, user, plugin, connector (default: topic).")
        private String resource = "topic";

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description =
                        "How the pattern is read: literal, prefix, filter (default: literal).")
        private String patternType = "literal";

        @Parameters(paramLabel = "PATTERN", description = "Name, prefix, or MQTT topic filter.")
        private String pattern = "";

        @Override
        void run(ControlClient broker) {
            ObjectNode body =
                    ControlClient.MAPPER
                            .createObjectNode()
                            .put("effect", deny ? "DENY" : "ALLOW")
                            .put("principal", user.startsWith("User:") ? user : "User:" + user)
                            .put("host", host)
                            .put("operation", operation.toUpperCase(Locale.ROOT))
                            .put("resource", resource.toUpperCase(Locale.ROOT))
                            .put("patternType", patternType.toUpperCase(Locale.ROOT))
                            .put("pattern", pattern);
            JsonNode rule = broker.send("POST", "/rules", body);
            out().println("rule " + text(rule, "id") + " is in force");
        }
    }

    @Command(name = "delete", description = "Removes a rule.")
    static final class Delete extends BrokerCommand {
        @Parameters(paramLabel = "ID")
        private String id = "";

        @Override
        void run(ControlClient broker) {
            broker.delete("/rules/" + encoded(id));
            out().println("rule " + id + " is removed");
        }
    }
}
