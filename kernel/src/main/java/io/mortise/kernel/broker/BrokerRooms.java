// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.admin.AdminRouter;
import io.mortise.kernel.admin.BackupRoutes;
import io.mortise.kernel.admin.ClusterRoutes;
import io.mortise.kernel.admin.ConnectorRoutes;
import io.mortise.kernel.admin.SecurityRoutes;
import io.mortise.kernel.admin.StorageRoutes;
import io.mortise.kernel.admin.TopicRoutes;
import io.mortise.kernel.backup.BackupAbout;
import io.mortise.kernel.backup.BackupSource;
import io.mortise.kernel.config.BrokerConfig;
import io.mortise.kernel.connector.ConnectorRuntime;
import io.mortise.kernel.control.ControlServer;
import io.mortise.kernel.control.PluginRequests;
import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.directory.Directories;
import io.mortise.kernel.listener.Listeners;
import io.mortise.kernel.metadata.DataDirectory;
import io.mortise.kernel.metadata.LogDirectoryIdentity;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.kernel.metadata.ratis.MetadataCarriers;
import io.mortise.kernel.metrics.BrokerMetrics;
import io.mortise.kernel.metrics.ProcessMetrics;
import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.partition.TopicLogs;
import io.mortise.kernel.plugin.BundleStore;
import io.mortise.kernel.plugin.PluginHost;
import io.mortise.kernel.plugin.PluginKind;
import io.mortise.kernel.plugin.SystemExports;
import io.mortise.kernel.runtime.DedicatedThreads;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SecretFile;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.SystemRandom;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.kernel.security.AccessRules;
import io.mortise.kernel.security.BrokerSecurity;
import io.mortise.kernel.security.ListenerGuard;
import io.mortise.kernel.security.MetadataUsers;
import io.mortise.kernel.security.UsersImport;
import io.mortise.kernel.session.SessionRegistry;
import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TopicId;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.storage.KeyValueSpace;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The rooms of the kernel and the plugins, opened one after the other; each pushes how it is
 * closed, so that a start that fails half-way and a clean stop take the same way back.
 */
final class BrokerRooms implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerRooms.class);
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final BrokerOptions options;
    private final Deque<Closing> closings = new ArrayDeque<>();
    private final Clock clock = new SystemClock();
    private final RandomGenerator random = SystemRandom.secure();
    private final VirtualThreadScheduler scheduler;
    private final BrokerMetrics metrics;
    private final DiskFileLayer files;
    private final DataDirectory directory;
    private final Metadata metadata;
    private final Listeners listeners;
    private final PluginHost plugins;
    private final Readiness readiness;
    private final LogDisks disks;
    private final TopicLogs logs;
    private final Surroundings surroundings;
    private @Nullable BrokerSecurity security;
    private @Nullable BrokerTopics topics;
    private @Nullable NodeBroker broker;
    private @Nullable AdminRouter administration;

    private interface Closing {
        void close() throws Exception;
    }

    BrokerRooms(BrokerOptions options) throws IOException, InterruptedException {
        this.options = options;
        try {
            this.files = new DiskFileLayer(options.data());
            this.directory = openDirectory();
            this.scheduler = opened(new VirtualThreadScheduler("mortise"), it -> stop(it));
            this.metrics = opened(new BrokerMetrics(), BrokerMetrics::close);
            ProcessMetrics.register(metrics.kernel());
            this.surroundings = new Surroundings(clock, scheduler, random, metrics);
            this.metadata = openMetadata();
            this.listeners = opened(openListeners(), Listeners::close);
            this.plugins = opened(openPlugins(), PluginHost::close);
            this.readiness = new Readiness(plugins);
            this.disks = options.logDisks(files);
            this.logs = openLogs();
            openTopics();
            openSecurity();
            openPluginsThatServe();
        } catch (IOException | RuntimeException | InterruptedException | Error failed) {
            close();
            throw failed;
        }
    }

    NodeBroker broker() {
        return opened(broker);
    }

    Administration administration() {
        return opened(administration);
    }

    PluginHost plugins() {
        return plugins;
    }

    Listeners listeners() {
        return listeners;
    }

    /** Waits until every protocol serves. */
    boolean awaitReady(long nanos) throws InterruptedException {
        var ready = new CountDownLatch(1);
        try (var looking = scheduler.repeat(() -> look(ready), POLL_NANOS)) {
            look(ready);
            LOG.trace("Looking for readiness: {}", looking);
            boolean serves = ready.await(nanos, TimeUnit.NANOSECONDS);
            if (!serves) {
                LOG.warn("Not ready yet: {}", readiness.health().waitingFor());
            }
            return serves;
        }
    }

    private void look(CountDownLatch ready) {
        if (readiness.health().ready()) {
            ready.countDown();
        }
    }

    /** Listeners first, then what stands on them, the lock last. */
    @Override
    public void close() {
        while (!closings.isEmpty()) {
            try {
                closings.pop().close();
            } catch (Exception failed) {
                LOG.error("A part of the broker did not close well", failed);
            }
        }
    }

    private DataDirectory openDirectory() throws IOException {
        int nodeId = options.config().nodeId();
        String clusterId = options.config().metadata().clusterId();
        return opened(
                DataDirectory.open(files, files.root().toString(), nodeId, clusterId, random),
                DataDirectory::close);
    }

    private Metadata openMetadata() throws IOException {
        MetadataLog log =
                MetadataCarriers.choose(
                        options.config().metadata(),
                        files,
                        directory.clusterId(),
                        directory.nodeId(),
                        scheduler,
                        random,
                        clock);
        Metadata open = opened(Metadata.open(log, scheduler, random), Metadata::close);
        open.meter(metrics.kernel());
        open.nameCluster(directory.clusterId()).toCompletableFuture().join();
        return open;
    }

    private Listeners openListeners() {
        var tls = new TlsFiles();
        return new Listeners(
                name -> options.listener(name, tls),
                (name, address) -> judge(name),
                clock,
                scheduler,
                metrics.kernel());
    }

    /** Whether a listener may be where the configuration has it. */
    private @Nullable Refusal judge(String listener) {
        boolean users = security != null && security.hasUsers();
        return ListenerGuard.check(options.config(), options.config().listener(listener), users);
    }

    private PluginHost openPlugins() throws IOException {
        var exports = SystemExports.of(BrokerRooms.class.getClassLoader());
        DiskFileLayer shipped =
                options.bundles() == null ? null : new DiskFileLayer(options.bundles());
        var store =
                new BundleStore(
                        files,
                        shipped,
                        exports,
                        metadata,
                        options.bundleTrust(),
                        clock.wallMillis());
        var host =
                new PluginHost(
                        store,
                        scheduler,
                        id -> options.config().plugin(id).settings(),
                        listeners::hold,
                        DRAIN_NANOS);
        if (options.bundles() == null) {
            host.addClassPath(BrokerRooms.class.getClassLoader(), options.classPathPlugins());
        }
        host.addBundles();
        return host;
    }

    private TopicLogs openLogs() throws IOException, InterruptedException {
        DiskFileLayer states = files.below("partitions");
        var identity = new LogDirectoryIdentity(directory.clusterId(), directory.nodeId());
        Directories directories =
                Directories.open(disks.primary(), disks.others(), states, identity, random);
        var opened =
                new TopicLogs(
                        leadership ->
                                new LogHost(
                                        options.partitions(),
                                        clock,
                                        scheduler,
                                        states,
                                        directories,
                                        metrics.kernel(),
                                        writer ->
                                                DedicatedThreads.start(
                                                        "mortise-writer-" + writer.name(), writer),
                                        leadership));
        closings.push(opened.logs()::close);
        readiness.degraded(() -> degraded(opened.logs()));
        plugins.register(
                new StorageActivator(
                        surroundings, opened.logs(), disks, this::topicName, stateIndex()));
        plugins.start(EnumSet.of(PluginKind.STORAGE));
        return opened;
    }

    /** The engine that keeps sessions which nobody uses; empty for none. */
    private String stateIndex() {
        String index = options.config().stateIndex();
        return index.equals(BrokerConfig.IN_MEMORY) ? "" : index;
    }

    /** Null if sessions are in memory. */
    private @Nullable KeyValueSpace openStateIndex() throws IOException {
        String index = stateIndex();
        try {
            return index.isEmpty() ? null : logs.logs().openSpace(index, "sessions");
        } catch (RefusedException refused) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    options.config().stateIndexWhere()
                            + " is '"
                            + index
                            + "': "
                            + refused.refusal().message()
                            + ". Have the plugin storage-"
                            + index
                            + " installed and started, or write 'index: memory'");
        }
    }

    private List<String> degraded(LogHost host) {
        List<String> degraded = new ArrayList<>(host.outOfService());
        host.damaged()
                .forEach(
                        it ->
                                degraded.add(
                                        "topic '"
                                                + topicName(it.log().topicId())
                                                + "' partition "
                                                + it.log().partition()
                                                + ": "
                                                + it));
        return degraded;
    }

    private String topicName(TopicId id) {
        BrokerTopic topic = topics == null ? null : topics.find(id);
        return topic == null ? id.toString() : topic.name();
    }

    private void openTopics() {
        topics =
                opened(
                        new BrokerTopics(
                                metadata,
                                options.config().topics(),
                                logs,
                                logs,
                                directory.nodeId(),
                                random),
                        BrokerTopics::close);
    }

    private void openSecurity() throws InterruptedException {
        boolean anonymous = options.config().anonymous();
        BrokerSecurity chain =
                opened(
                        new BrokerSecurity(
                                metadata, scheduler, clock, random, metrics.kernel(), anonymous),
                        BrokerSecurity::close);
        security = chain;
        var users = new MetadataUsers(metadata);
        plugins.register(new AuthenticatorActivator(surroundings, chain, users, listeners));
        plugins.start(EnumSet.of(PluginKind.AUTH));
        if (options.users() != null) {
            int added =
                    new UsersImport(users, new AccessRules(metadata), chain).run(options.users());
            LOG.info("{} users came from users.yaml", added);
        }
        refuseUnsafeListeners();
    }

    /** A broker that strangers could reach does not start at all. */
    private void refuseUnsafeListeners() {
        for (String listener : options.config().listeners().keySet()) {
            Refusal refusal = judge(listener);
            if (refusal != null) {
                throw refusal.asException();
            }
        }
    }

    private void openPluginsThatServe() throws IOException, InterruptedException {
        BrokerTopics served = opened(topics);
        var connectors =
                opened(
                        new ConnectorRuntime(metadata, served, scheduler, plugins::absence),
                        ConnectorRuntime::close);
        NodeBroker node =
                new NodeBroker(
                        directory.clusterId(),
                        directory.nodeId(),
                        metadata,
                        served,
                        openSessions(served),
                        opened(security),
                        listeners,
                        new LogDirectories(logs.logs(), disks));
        broker = node;
        var requests = new PluginRequests(plugins);
        AdminRouter admin = openAdministration(node, served, connectors, requests);
        administration = admin;
        int loops = options.config().eventLoops();
        plugins.register(new ConnectorActivator(surroundings, connectors));
        plugins.register(ProtocolActivator.protocols(surroundings, node, admin, listeners, loops));
        plugins.register(ProtocolActivator.admins(surroundings, node, admin, listeners));
        Set<PluginKind> serving =
                EnumSet.of(PluginKind.CONNECTOR, PluginKind.PROTOCOL, PluginKind.ADMIN);
        closings.push(() -> plugins.stopKinds(serving));
        plugins.start(serving);
        openControl(admin, requests);
        closings.push(readiness::stopping);
        readiness.started();
    }

    private SessionRegistry openSessions(BrokerTopics served) throws IOException {
        var services = new DeliveryServices(served, opened(security), clock, scheduler);
        var sessions =
                opened(
                        new SessionRegistry(services, random, metrics.kernel(), openStateIndex()),
                        SessionRegistry::close);
        sessions.start()
                .whenComplete(
                        (done, failed) -> {
                            if (failed != null) {
                                LOG.error("Sessions cannot be opened", failed);
                            }
                            readiness.sessionsReplayed();
                        });
        return sessions;
    }

    private AdminRouter openAdministration(
            NodeBroker node,
            BrokerTopics served,
            ConnectorRuntime connectors,
            PluginRequests requests)
            throws IOException {
        String token = SecretFile.readOrCreate(files.root().resolve("admin.token"), random);
        var router = new AdminRouter(scheduler, token, readiness::health, metrics::text);
        router.mount(requests);
        TopicRoutes.add(router, served);
        SecurityRoutes.add(
                router, new MetadataUsers(metadata), new AccessRules(metadata), opened(security));
        ConnectorRoutes.add(router, connectors);
        String carrier = options.config().metadata().carrier().name().toLowerCase(Locale.ROOT);
        ClusterRoutes.add(router, node, metadata, carrier, version());
        StorageRoutes.add(router, logs.logs(), this::topicName);
        BackupRoutes.add(router, () -> backupSource(served));
        return router;
    }

    private BackupSource backupSource(BrokerTopics served) throws IOException {
        int node = directory.nodeId();
        var about = new BackupAbout(clock.wallMillis(), node, directory.clusterId(), version());
        return new BackupSource(
                about, metadata, served, logs.logs(), files.below("plugins"), scheduler);
    }

    private static String version() {
        String version = BrokerRooms.class.getPackage().getImplementationVersion();
        return version == null ? "unreleased" : version;
    }

    private void openControl(AdminRouter admin, PluginRequests requests) {
        try {
            opened(
                    ControlServer.open(files.root(), admin, requests, scheduler),
                    ControlServer::close);
        } catch (IOException failed) {
            LOG.error(
                    "The command line will not reach this broker: {} cannot be opened ({}); a"
                            + " shorter data directory may help",
                    files.root().resolve(ControlServer.FILE),
                    failed.toString());
        }
    }

    private static void stop(VirtualThreadScheduler scheduler) throws InterruptedException {
        scheduler.close();
        if (!scheduler.awaitIdle(TimeUnit.SECONDS.toNanos(5))) {
            LOG.warn("Some background tasks did not end within 5 s");
        }
    }

    private <R> R opened(R room, RoomClosing<R> closing) {
        closings.push(() -> closing.close(room));
        return room;
    }

    private interface RoomClosing<R> {
        void close(R room) throws Exception;
    }

    private static <R> R opened(@Nullable R room) {
        if (room == null) {
            throw new IllegalStateException("the broker has not come so far");
        }
        return room;
    }
}
