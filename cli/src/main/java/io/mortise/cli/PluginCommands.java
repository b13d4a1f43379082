// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;

/** {@code plugin ...}: bundles come and go while the broker runs. */
@Command(
        name = "plugin",
        description = "Plugins: what runs, and what comes and goes.",
        mixinStandardHelpOptions = true,
        subcommands = {
            PluginCommands.List.class,
            PluginCommands.Install.class,
            PluginCommands.Upgrade.class,
            PluginCommands.Start.class,
            PluginCommands.Stop.class,
            PluginCommands.Uninstall.class,
            PluginCommands.Verify.class,
            PluginCommands.Doctor.class
        })
final class PluginCommands {
    private PluginCommands() {}

    /** Says what became of a plugin. */
    private static void print(BrokerCommand command, JsonNode plugin, String what) {
        command.out()
                .println(
                        "plugin '%s' %s is %s"
                                .formatted(
                                        BrokerCommand.text(plugin, "id"),
                                        BrokerCommand.text(plugin, "version"),
                                        what));
        String note = BrokerCommand.text(plugin, "note");
        if (!note.isEmpty()) {
            command.out().println(note);
        }
    }

    @Command(name = "list", description = "Lists plugins with their states.")
    static final class List extends BrokerCommand {
        @Override
        void run(ControlClient broker) {
            var table = new Table("ID", "KIND", "VERSION", "STATE", "SIGNED BY", "NOTE");
            for (JsonNode plugin : broker.get("/plugins").path("plugins")) {
                String reason = text(plugin, "reason");
                table.row(
                        text(plugin, "id"),
                        text(plugin, "kind"),
                        text(plugin, "version"),
                        text(plugin, "state"),
                        plugin.path("shipped").asBoolean() ? "(shipped)" : text(plugin, "signer"),
                        reason.isEmpty() ? text(plugin, "note") : reason);
            }
            table.print(out());
        }
    }

    @Command(name = "install", description = "Installs a bundle and starts it.")
    static final class Install extends BrokerCommand {
        @Parameters(
                paramLabel = "FILE",
                description =
                        "The plugin's jar; its signature is taken from FILE.sig, if there is one.")
        private Path file = Path.of("");

        @Override
        void run(ControlClient broker) {
            print(this, broker.upload("/plugins" + SignatureFile.query(file), file), "active");
        }
    }

    @Command(
            name = "upgrade",
            description = "Puts another version of a plugin in the place of the one that runs.")
    static final class Upgrade extends BrokerCommand {
        @Parameters(
                paramLabel = "FILE",
                description =
                        "The plugin's jar; its signature is taken from FILE.sig, if there is one.")
        private Path file = Path.of("");

        @Override
        void run(ControlClient broker) {
            String signature = SignatureFile.query(file).replace('?', '&');
            JsonNode plugin = broker.upload("/plugins?upgrade=true" + signature, file);
            print(this, plugin, text(plugin, "state").toLowerCase(java.util.Locale.ROOT));
        }
    }

    @Command(name = "start", description = "Starts a stopped or failed plugin.")
    static final class Start extends BrokerCommand {
        @Parameters(paramLabel = "ID")
        private String id = "";

        @Override
        void run(ControlClient broker) {
            String path = "/plugins/" + encoded(id) + "/start";
            print(this, broker.send("POST", path, null), "active");
        }
    }

    @Command(name = "stop", description = "Stops a plugin; it stays stopped over a restart.")
    static final class Stop extends BrokerCommand {
        @Parameters(paramLabel = "ID")
        private String id = "";

        @Override
        void run(ControlClient broker) {
            String path = "/plugins/" + encoded(id) + "/stop";
            print(this, broker.send("POST", path, null), "stopped");
        }
    }

    @Command(name = "uninstall", description = "Stops a plugin and removes it.")
    static final class Uninstall extends BrokerCommand {
        @Parameters(paramLabel = "ID")
        private String id = "";

        @Option(
                names = "--force",
                description =
                        "Also if connectors or topics need it: they stay, and wait until it is"
                                + " back.")
        private boolean force;

        @Override
        void run(ControlClient broker) {
            String path = "/plugins/" + encoded(id) + (force ? "?force=true" : "");
            print(this, broker.delete(path), "uninstalled");
        }
    }

    @Command(
            name = "verify",
            description =
                    "Says what is wrong with a bundle: descriptor, SPI, imports, providers,"
                            + " licences, signature. Nothing of it is loaded.")
    static final class Verify extends BrokerCommand {
        @Parameters(paramLabel = "FILE", description = "The plugin's jar.")
        private Path file = Path.of("");

        @Override
        void run(ControlClient broker) {
            JsonNode answer = broker.upload("/plugins/verify" + SignatureFile.query(file), file);
            JsonNode faults = answer.path("faults");
            if (faults.isEmpty()) {
                String signer = text(answer, "signer");
                out().println(
                                file
                                        + " would run here; "
                                        + (signer.isEmpty()
                                                ? "it is not signed"
                                                : "it is signed by " + signer));
                return;
            }
            var lines = new java.util.ArrayList<String>();
            faults.forEach(fault -> lines.add(fault.asText()));
            throw CommandFailure.refused(String.join("\nmortise: ", lines));
        }
    }

    @Command(
            name = "doctor",
            description =
                    "Explains failed plugins, leaked classes and threads that did not end. The"
                            + " broker stands still for a moment where it has to look at its heap"
                            + " for that.")
    static final class Doctor extends BrokerCommand {
        @Override
        void run(ControlClient broker) {
            JsonNode findings = broker.get("/doctor").path("findings");
            if (findings.isEmpty()) {
                out().println("nothing is wrong with plugins");
                return;
            }
            findings.forEach(finding -> out().println(finding.asText()));
        }
    }
}
