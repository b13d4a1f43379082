// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.PrintWriter;

/**
 * Entry of the command line. Exit codes: 0 done, 1 the broker refused or is not there, 2 called
 * wrongly.
 */
@Command(
        name = "mortise",
        description = "Operates a Mortise broker through its data directory.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            CommandLine.HelpCommand.class,
            StatusCommand.class,
            BackupCommands.class,
            StorageCommands.class,
            PluginCommands.class,
            TopicCommands.class,
            UserCommands.class,
            AclCommands.class,
            ConnectorCommands.class
        })
public final class Main {
    private Main() {}

    /** Runs one command and ends the process. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    /**
     * Runs one command.
     *
     * @return the exit code
     */
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return commandLine().setOut(out).setErr(err).execute(arguments);
    }

    private static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler(Main::tell);
    }

    private static int tell(
            Exception failure, CommandLine commandLine, CommandLine.ParseResult parsed)
            throws Exception {
        if (failure instanceof CommandFailure told) {
            commandLine.getErr().println("mortise: " + told.getMessage());
            return told.exitCode();
        }
        throw failure;
    }
}
