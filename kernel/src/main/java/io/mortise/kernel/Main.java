// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.config.BrokerConfigReader;
import io.mortise.kernel.config.ConfigException;
import io.mortise.kernel.config.UsersFile;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.kernel.plugin.PluginStatus;
import io.mortise.spi.RefusedException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The broker as a process: {@code start [--conf DIR] [--data DIR] [--plugins DIR]}. Exit codes: 0
 * stopped as asked, 1 it cannot run, 2 it was called wrongly.
 */
public final class Main {
    private static final String USAGE =
            "usage: start|train [--conf DIR] [--data DIR] [--plugins DIR]";
    private static final List<String> OPTIONS = List.of("--conf", "--data", "--plugins");

    private Main() {}

    /** Runs until it is told to end. */
    public static void main(String[] arguments) {
        System.setProperty("java.util.logging.manager", PatientLogging.class.getName());
        int code = run(arguments);
        if (code != 0) {
            System.exit(code);
        }
    }

    private static int run(String[] arguments) {
        Map<String, Path> directories = new HashMap<>();
        boolean training = arguments.length > 0 && arguments[0].equals("train");
        if (arguments.length == 0 || (!training && !arguments[0].equals("start"))) {
            return failed(2, USAGE);
        }
        for (int i = 1; i < arguments.length; i += 2) {
            if (!OPTIONS.contains(arguments[i]) || i + 1 == arguments.length) {
                return failed(2, "'" + arguments[i] + "' is not understood; " + USAGE);
            }
            directories.put(arguments[i], Path.of(arguments[i + 1]));
        }
        try {
            return serve(directories, training);
        } catch (RefusedException refused) {
            return failed(1, refused.refusal().message());
        } catch (ConfigException wrong) {
            return failed(1, String.valueOf(wrong.getMessage()));
        } catch (IOException | InterruptedException unable) {
            return failed(1, unable.toString());
        }
    }

    private static int serve(Map<String, Path> directories, boolean training)
            throws IOException, InterruptedException, ConfigException {
        Path conf = directories.getOrDefault("--conf", Path.of("conf"));
        Path home = Path.of(System.getProperty("mortise.home", "."));
        Path yaml = conf.resolve("mortise.yaml");
        var config =
                BrokerConfigReader.read(
                        yaml.toString(), Files.exists(yaml) ? Files.readString(yaml) : "");
        Path data = directories.getOrDefault("--data", home.resolve("data"));
        var builder = EmbeddedBroker.builder(data).config(config).home(home);
        builder.keys(conf.resolve("keys"));
        builder.bundles(directories.getOrDefault("--plugins", home.resolve("plugins")));
        if (training) {
            builder.start().close(); // on free ports; what the JVM learnt is in its AOT cache
            return 0;
        }
        builder.usualPorts();
        Path users = conf.resolve("users.yaml");
        if (Files.exists(users)) {
            builder.users(UsersFile.read(users.toString(), Files.readString(users)));
        }
        untilEnded(builder.start());
        return 0;
    }

    private static void untilEnded(EmbeddedBroker broker) throws IOException, InterruptedException {
        Logger log = LoggerFactory.getLogger(Main.class);
        log.info("Mortise is ready after {} ms", ManagementFactory.getRuntimeMXBean().getUptime());
        for (PluginStatus plugin : broker.plugins().list()) {
            if (plugin.state() == PluginState.FAILED) {
                log.warn("Plugin '{}' is not there, see above: it FAILED to start", plugin.id());
            }
        }
        var ended = new CountDownLatch(1);
        var stopping =
                new Thread(
                        () -> {
                            log.info("Stopping");
                            broker.close();
                            log.info("Stopped");
                            PatientLogging.end();
                            ended.countDown();
                        },
                        "mortise-stop");
        Runtime.getRuntime().addShutdownHook(stopping);
        ended.await();
    }

    private static int failed(int code, String message) {
        System.err.println("mortise: " + message);
        return code;
    }
}
