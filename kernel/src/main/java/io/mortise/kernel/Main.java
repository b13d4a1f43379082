// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel;

import io.mortise.kernel.backup.BackupException;
import io.mortise.kernel.backup.BackupSummary;
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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The broker as a process: {@code start [--conf DIR] [--data DIR] [--plugins DIR]}; and what needs
 * its code but no broker: {@code verify FILE}, {@code restore FILE [...]}. Exit codes: 0 stopped as
 * asked, done; 1 it cannot run, the backup is damaged; 2 it was called wrongly.
 */
public final class Main {
    private static final String USAGE =
            "usage: start|train|verify FILE|restore FILE [--conf DIR] [--data DIR]"
                    + " [--plugins DIR]";
    private static final List<String> WORDS = List.of("start", "train", "verify", "restore");
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
        String word = arguments.length == 0 ? "" : arguments[0];
        boolean backup = word.equals("verify") || word.equals("restore");
        if (!WORDS.contains(word) || (backup && arguments.length == 1)) {
            return failed(2, USAGE);
        }
        for (int i = backup ? 2 : 1; i < arguments.length; i += 2) {
            if (!OPTIONS.contains(arguments[i]) || i + 1 == arguments.length) {
                return failed(2, "'" + arguments[i] + "' is not understood; " + USAGE);
            }
            directories.put(arguments[i], Path.of(arguments[i + 1]));
        }
        try {
            return switch (word) {
                case "verify" -> verify(Path.of(arguments[1]));
                case "restore" -> restore(directories, Path.of(arguments[1]));
                default -> serve(directories, word.equals("train"));
            };
        } catch (RefusedException refused) {
            return failed(1, refused.refusal().message());
        } catch (ConfigException | BackupException wrong) {
            return failed(1, String.valueOf(wrong.getMessage()));
        } catch (NoSuchFileException absent) {
            return failed(1, "there is no file " + absent.getMessage());
        } catch (IOException | InterruptedException unable) {
            return failed(1, unable.toString());
        }
    }

    private static int verify(Path backup) throws IOException {
        BackupSummary found = EmbeddedBroker.verify(backup);
        System.out.println(backup + " is whole and sound: " + said(found));
        return 0;
    }

    private static String said(BackupSummary found) {
        return "%d topics, %d logs, %d batches, %d bytes of batches, of cluster %s at %s"
                .formatted(
                        found.image().topics().size(),
                        found.logs(),
                        found.batches(),
                        found.batchBytes(),
                        found.about().clusterId(),
                        Instant.ofEpochMilli(found.about().createdMillis()));
    }

    private static int restore(Map<String, Path> directories, Path backup)
            throws IOException, InterruptedException, ConfigException {
        BackupSummary found = builder(directories).restore(backup);
        System.out.println(data(directories) + " is restored: " + said(found));
        return 0;
    }

    private static Path home() {
        return Path.of(System.getProperty("mortise.home", "."));
    }

    private static Path data(Map<String, Path> directories) {
        return directories.getOrDefault("--data", home().resolve("data"));
    }

    private static EmbeddedBroker.Builder builder(Map<String, Path> directories)
            throws IOException, ConfigException {
        Path conf = directories.getOrDefault("--conf", Path.of("conf"));
        Path yaml = conf.resolve("mortise.yaml");
        var config =
                BrokerConfigReader.read(
                        yaml.toString(), Files.exists(yaml) ? Files.readString(yaml) : "");
        return EmbeddedBroker.builder(data(directories))
                .config(config)
                .home(home())
                .keys(conf.resolve("keys"))
                .bundles(directories.getOrDefault("--plugins", home().resolve("plugins")));
    }

    private static int serve(Map<String, Path> directories, boolean training)
            throws IOException, InterruptedException, ConfigException {
        Path conf = directories.getOrDefault("--conf", Path.of("conf"));
        var builder = builder(directories);
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
