// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code user ...}. */
@Command(
        name = "user",
        description = "Users.",
        mixinStandardHelpOptions = true,
        subcommands = {UserCommands.List.class, UserCommands.Put.class, UserCommands.Delete.class})
final class UserCommands {
    private UserCommands() {}

    @Command(name = "list", description = "Lists users.")
    static final class List extends BrokerCommand {
        @Override
        void run(ControlClient broker) {
            var table = new Table("NAME");
            for (JsonNode user : broker.get("/users").path("users")) {
                table.row(text(user, "name"));
            }
            table.print(out());
        }
    }

    @Command(
            name = "put",
            aliases = {"create", "add"},
            description = "Adds a user, or gives one a new password; asks for the password.")
    static final class Put extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Option(names = "--password-stdin", description = "Reads the password from standard input.")
        private boolean stdin;

        @Override
        void run(ControlClient broker) {
            var body = ControlClient.MAPPER.createObjectNode().put("password", password());
            broker.send("PUT", "/users/" + encoded(name), body);
            out().println("user '" + name + "' is set");
        }

        private String password() {
            String password = stdin ? fromStdin() : fromConsole();
            if (password.isEmpty()) {
                throw CommandFailure.misused("an empty password is refused");
            }
            return password;
        }

        private static String fromStdin() {
            try {
                byte[] bytes = System.in.readAllBytes();
                return new String(bytes, StandardCharsets.UTF_8).stripTrailing();
            } catch (IOException failed) {
                throw CommandFailure.misused("cannot read the password: " + failed.getMessage());
            }
        }

        private static String fromConsole() {
            Console console = System.console();
            if (!console.isTerminal()) {
                throw CommandFailure.misused(
                        "there is no terminal to ask for the password: use --password-stdin");
            }
            char[] password = console.readPassword("password: ");
            return password == null ? "" : new String(password);
        }
    }

    @Command(name = "delete", description = "Removes a user.")
    static final class Delete extends BrokerCommand {
        @Parameters(paramLabel = "NAME")
        private String name = "";

        @Override
        void run(ControlClient broker) {
            broker.delete("/users/" + encoded(name));
            out().println("user '" + name + "' is removed");
        }
    }
}
