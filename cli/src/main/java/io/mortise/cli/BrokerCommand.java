// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

import com.fasterxml.jackson.databind.JsonNode;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** What every command that asks the broker has in common. */
@Command(mixinStandardHelpOptions = true)
abstract class BrokerCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data directory of the broker (default: MORTISE_DATA, or ./data).")
    private @Nullable Path data;

    /** Asks and prints. */
    abstract void run(ControlClient broker);

    @Override
    public final Integer call() {
        run(new ControlClient(directory()));
        return 0;
    }

    final PrintWriter out() {
        if (spec == null) {
            throw new IllegalStateException("not made by picocli");
        }
        return spec.commandLine().getOut();
    }

    /** A part of a path or a query's value. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A member as text; empty if it is absent or null. */
    static String text(JsonNode row, String member) {
        JsonNode value = row.path(member);
        return value.isNull() || value.isMissingNode() ? "" : value.asText();
    }

    private Path directory() {
        if (data != null) {
            return data;
        }
        String launcher = System.getProperty("mortise.data", System.getenv("MORTISE_DATA"));
        return Path.of(launcher == null || launcher.isEmpty() ? "data" : launcher);
    }
}
