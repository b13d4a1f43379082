// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.backup.BackupException;
import io.mortise.kernel.backup.BackupScan;
import io.mortise.kernel.backup.BackupSummary;
import io.mortise.kernel.backup.BackupVisitor;
import io.mortise.kernel.backup.LogRestoration;
import io.mortise.kernel.metadata.DataDirectory;
import io.mortise.kernel.metadata.ImageChunks;
import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metrics.BrokerMetrics;
import io.mortise.kernel.partition.EpochFloor;
import io.mortise.kernel.plugin.BundleStore;
import io.mortise.kernel.plugin.PluginActivator;
import io.mortise.kernel.plugin.PluginHost;
import io.mortise.kernel.plugin.PluginKind;
import io.mortise.kernel.plugin.PluginScope;
import io.mortise.kernel.plugin.SystemExports;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.SystemRandom;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Makes a data directory out of a backup: beside its place, with the storage plugins that a broker
 * of these options would run, and renamed when it is whole. No broker runs meanwhile.
 */
final class Restore {
    private static final String METADATA = "metadata";
    private static final String PLUGINS = "plugins";

    private final BrokerOptions options;
    private final FileLayer from;
    private final String name;
    private final RandomGenerator random = SystemRandom.secure();

    private Restore(BrokerOptions options, Path backup) throws IOException {
        Path file = backup.toAbsolutePath().normalize();
        this.options = options;
        this.from = DiskFileLayer.ownerOnly(folder(file));
        this.name = file.getFileName().toString();
    }

    /** Checks every byte of a backup. */
    static BackupSummary verify(Path backup) throws IOException {
        Path file = backup.toAbsolutePath().normalize();
        return BackupScan.verify(
                DiskFileLayer.ownerOnly(folder(file)), file.getFileName().toString());
    }

    private static Path folder(Path file) {
        Path parent = file.getParent();
        if (parent == null || file.getFileName() == null) {
            throw new RefusedException(Reason.INVALID_REQUEST, file + " names no file");
        }
        return parent;
    }

    /**
     * Makes {@code options.data()}.
     *
     * @throws RefusedException that directory is not empty, or the configuration is of another node
     * @throws BackupException the backup is damaged; nothing was made
     */
    static BackupSummary run(BrokerOptions options, Path backup)
            throws IOException, InterruptedException {
        return new Restore(options, backup).run();
    }

    private BackupSummary run() throws IOException, InterruptedException {
        Path data = options.data();
        var around = new DiskFileLayer(folder(data));
        String place = data.getFileName().toString();
        String beside = place + ".restoring";
        refuseUsed(around, place, data + " is not empty; restore makes a new data directory");
        refuseUsed(around, beside, beside + " is left of an earlier attempt; delete it");
        try {
            BackupSummary restored = restore(around.below(beside));
            around.rename(beside, place);
            around.forceDirectory("");
            return restored;
        } catch (IOException | RuntimeException | InterruptedException failed) {
            delete(around, beside);
            throw failed;
        }
    }

    private static void refuseUsed(FileLayer around, String path, String message)
            throws IOException {
        if (!around.list(path).isEmpty()) {
            throw new RefusedException(Reason.RESOURCE_EXISTS, message);
        }
    }

    private static void delete(FileLayer files, String path) throws IOException {
        for (String child : files.list(path)) {
            delete(files, path + "/" + child);
        }
        files.delete(path);
    }

    private BackupSummary restore(DiskFileLayer files) throws IOException, InterruptedException {
        files.createDirectories(PLUGINS);
        BackupSummary found;
        try (var bundles = new Bundles(files)) {
            found = BackupScan.read(from, name, bundles);
        }
        files.forceDirectory(PLUGINS);
        int node = options.config().nodeId();
        if (found.about().nodeId() != node) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    name
                            + " holds the data of node "
                            + found.about().nodeId()
                            + ", configured is node "
                            + node);
        }
        String cluster = found.about().clusterId();
        String where = files.root().toString();
        try (DataDirectory _ = DataDirectory.open(files, where, node, cluster, random)) {
            ImageChunks.found(files, METADATA, found.metadata());
            if (found.highestEpoch() >= 0) {
                new EpochFloor(files.below("partitions")).reach(found.highestEpoch());
            }
            logs(files, found);
        }
        delete(files, "bundle-cache"); // it knows this directory's passing name
        for (String file : files.list(PLUGINS)) {
            if (!file.endsWith(".jar") && !file.endsWith(".jar.sig")) {
                files.delete(PLUGINS + "/" + file);
            }
        }
        return found;
    }

    private void logs(DiskFileLayer files, BackupSummary found)
            throws IOException, InterruptedException {
        try (var scheduler = new VirtualThreadScheduler("mortise-restore");
                var metrics = new BrokerMetrics();
                var metadata =
                        Metadata.open(
                                new LocalMetadataLog(files, METADATA, 4 << 20), scheduler, random);
                var plugins = host(files, scheduler, metadata)) {
            var clock = new SystemClock();
            var surroundings = new Surroundings(clock, scheduler, random, metrics);
            var engines = new Engines(surroundings, files);
            plugins.register(engines);
            plugins.start(EnumSet.of(PluginKind.STORAGE));
            BackupScan.read(
                    from,
                    name,
                    new LogRestoration(
                            engines.opened,
                            files.below("partitions"),
                            log -> found.image().topic(log.id().topicId()) != null));
        }
    }

    private PluginHost host(DiskFileLayer files, VirtualThreadScheduler scheduler, Metadata known)
            throws IOException {
        Path bundles = options.bundles();
        var exports = SystemExports.of(Restore.class.getClassLoader());
        var shipped = bundles == null ? null : new DiskFileLayer(bundles);
        var store = new BundleStore(files, shipped, exports, known, options.bundleTrust(), 0);
        var host =
                new PluginHost(
                        store,
                        scheduler,
                        id -> options.config().plugin(id).settings(),
                        _ -> () -> {},
                        0);
        if (bundles == null) {
            host.addClassPath(Restore.class.getClassLoader(), options.classPathPlugins());
        }
        host.addBundles();
        return host;
    }

    /** Puts installed bundles back to where they were. */
    private static final class Bundles implements BackupVisitor, AutoCloseable {
        private final FileLayer files;
        private @Nullable StorageFile open;
        private long position;

        Bundles(FileLayer files) {
            this.files = files;
        }

        @Override
        public void file(String name) throws IOException {
            open = files.open(PLUGINS + "/" + name, OpenMode.CREATE_NEW);
            position = 0;
        }

        @Override
        public void bytes(ByteBuffer bytes) throws IOException {
            StorageFile file = open;
            if (file != null) {
                int length = bytes.remaining();
                file.write(bytes, position);
                position += length;
            }
        }

        @Override
        public void fileEnd() throws IOException {
            StorageFile file = open;
            if (file != null) {
                file.force();
                close();
            }
        }

        @Override
        public void close() throws IOException {
            StorageFile file = open;
            open = null;
            if (file != null) {
                file.close();
            }
        }
    }

    /** Opens every engine over the new directory. */
    private static final class Engines implements PluginActivator<StorageEngineProvider> {
        private final Surroundings surroundings;
        private final DiskFileLayer files;
        private final Map<String, StorageEngine> opened = new ConcurrentHashMap<>();

        Engines(Surroundings surroundings, DiskFileLayer files) {
            this.surroundings = surroundings;
            this.files = files;
        }

        @Override
        public Class<StorageEngineProvider> service() {
            return StorageEngineProvider.class;
        }

        @Override
        public ActivePlugin start(PluginScope scope, StorageEngineProvider provider)
                throws Exception {
            String engine = provider.name();
            DiskFileLayer below = files.below("logs/" + engine);
            var context =
                    new HostedStorageContext(scope, surroundings, "data", below, below.root());
            StorageEngine open = provider.open(context);
            opened.put(engine, open);
            return _ -> {
                opened.remove(engine);
                open.close();
            };
        }
    }
}
