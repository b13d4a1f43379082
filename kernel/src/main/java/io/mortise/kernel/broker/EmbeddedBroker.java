// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.backup.BackupSummary;
import io.mortise.kernel.config.BrokerConfig;
import io.mortise.kernel.config.BrokerConfigReader;
import io.mortise.kernel.config.ConfigException;
import io.mortise.kernel.config.UsersFile;
import io.mortise.kernel.plugin.PluginHost;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.broker.Broker.Endpoint;
import io.mortise.spi.runtime.FileLayer;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * A whole broker inside this process. Without further words it runs the plugins of the class path,
 * listens on free ports of loopback, and keeps everything below its data directory.
 *
 * <pre>{@code
 * try (var broker = EmbeddedBroker.builder(data).start()) {
 *     int port = broker.port("mqtt");
 * }
 * }</pre>
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);

    private final BrokerRooms rooms;

    private EmbeddedBroker(BrokerRooms rooms) {
        this.rooms = rooms;
    }

    /**
     * Checks every byte of a backup.
     *
     * @throws io.mortise.kernel.backup.BackupException what is wrong with it
     */
    public static BackupSummary verify(Path backup) throws IOException {
        return Restore.verify(backup);
    }

    /** A broker over {@code data}, which is made if absent. */
    public static Builder builder(Path data) {
        return new Builder(data);
    }

    /** The broker as plugins see it. */
    public Broker broker() {
        return rooms.broker();
    }

    /** What the command line and the HTTP API ask. */
    public Administration administration() {
        return rooms.administration();
    }

    /** The plugins that run here. */
    public PluginHost plugins() {
        return rooms.plugins();
    }

    /**
     * The port of an open listener.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public int port(String listener) {
        for (Endpoint endpoint : rooms.listeners().endpoints()) {
            if (endpoint.listener().equals(listener)) {
                return endpoint.port();
            }
        }
        throw new IllegalArgumentException(
                "no listener '" + listener + "' is open, only " + rooms.listeners().endpoints());
    }

    /** Stops: listeners first, then sessions and partitions with what they hold, the lock last. */
    @Override
    public void close() {
        rooms.close();
    }

    /** What a broker is to be; one thread. */
    public static final class Builder {
        private final Path data;
        private final Map<String, Integer> ports = new HashMap<>();
        private Path home;
        private @Nullable Path keys;
        private @Nullable BrokerConfig config;
        private @Nullable UsersFile users;
        private @Nullable Path bundles;
        private Predicate<String> classPathPlugins = id -> true;
        private boolean ephemeral = true;
        private BiFunction<Path, FileLayer, FileLayer> aroundLogs = (_, files) -> files;

        private Builder(Path data) {
            this.data = data.toAbsolutePath().normalize();
            this.home = this.data;
        }

        /** A configuration instead of the defaults. */
        public Builder config(BrokerConfig value) {
            config = value;
            return this;
        }

        /** As {@link #config(BrokerConfig)}, from the text of a mortise.yaml. */
        public Builder config(String yaml) {
            try {
                return config(BrokerConfigReader.read("mortise.yaml", yaml));
            } catch (ConfigException wrong) {
                throw new IllegalArgumentException(wrong.getMessage(), wrong);
            }
        }

        /** What paths in the configuration are relative to; the data directory if not said. */
        public Builder home(Path directory) {
            home = directory.toAbsolutePath().normalize();
            return this;
        }

        /**
         * Directory of the keys whose plugins are trusted; {@code conf/keys} of the home if not
         * said.
         */
        public Builder keys(Path directory) {
            keys = directory.toAbsolutePath().normalize();
            return this;
        }

        /** Users and rules to be added at start where they are not there yet. */
        public Builder users(UsersFile file) {
            users = file;
            return this;
        }

        /** Only these plugins of the class path, by id. */
        public Builder plugins(String... ids) {
            Set<String> wanted = Set.copyOf(Arrays.asList(ids));
            classPathPlugins = wanted::contains;
            return this;
        }

        /** Runs the bundles of a directory, each in a class loader of its own. */
        public Builder bundles(Path directory) {
            bundles = directory.toAbsolutePath().normalize();
            return this;
        }

        /** Listens on the protocols' usual ports, not on free ones. */
        public Builder usualPorts() {
            ephemeral = false;
            return this;
        }

        /** The port of one listener; 0 for a free one. */
        public Builder port(String listener, int port) {
            ports.put(listener, port);
            return this;
        }

        /**
         * Puts something between the logs and the directories that keep them: what makes a disk of
         * a test fail.
         *
         * @param around gets a directory and files in it, gives what logs are to see of them
         */
        public Builder aroundLogs(BiFunction<Path, FileLayer, FileLayer> around) {
            aroundLogs = around;
            return this;
        }

        /**
         * Starts. Returns when every plugin that did not fail serves.
         *
         * @throws io.mortise.spi.RefusedException the data directory is in use or of another
         *     version, or the configuration cannot be followed
         */
        public EmbeddedBroker start() throws IOException, InterruptedException {
            var rooms = new BrokerRooms(options());
            try {
                rooms.awaitReady(READY_WITHIN.toNanos());
                return new EmbeddedBroker(rooms);
            } catch (InterruptedException interrupted) {
                rooms.close();
                throw interrupted;
            }
        }

        /**
         * Makes the data directory out of a backup, without starting; {@link #start} then serves
         * what the backup holds.
         *
         * @throws io.mortise.spi.RefusedException the directory is not empty, or the configuration
         *     is of another node or lacks a storage plugin; nothing was made
         * @throws io.mortise.kernel.backup.BackupException the backup is damaged; nothing was made
         */
        public BackupSummary restore(Path backup) throws IOException, InterruptedException {
            return Restore.run(options(), backup);
        }

        private BrokerOptions options() {
            try {
                return new BrokerOptions(
                        data,
                        home,
                        keys == null ? home.resolve("conf/keys") : keys,
                        config == null ? BrokerConfig.defaults() : config,
                        users,
                        bundles,
                        classPathPlugins,
                        ephemeral,
                        ports,
                        aroundLogs);
            } catch (ConfigException bug) {
                throw new IllegalStateException("the defaults are not valid", bug);
            }
        }
    }
}
