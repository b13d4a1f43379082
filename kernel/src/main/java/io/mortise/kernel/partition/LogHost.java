// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.Directories;
import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.storage.KeyValueSpace;
import io.mortise.spi.storage.KeyValueSpaces;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngineProvider;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The partitions that this node leads, and the engines that keep them. The topic registry opens,
 * changes and closes partitions; the plugin host brings engines and takes them away, in any order:
 * a partition whose engine is absent refuses with STORAGE_UNAVAILABLE and opens when it comes.
 *
 * <p>Any thread; nothing but {@link #register} and {@link #close()} blocks.
 */
public final class LogHost implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogHost.class);

    /** What an engine is opened with over a directory; may block. */
    @FunctionalInterface
    public interface Contexts {
        StorageContext over(LogDirectory directory) throws IOException;
    }

    private final PartitionContext context;
    private final Map<LogId, PartitionLog> logs = new ConcurrentHashMap<>();
    private final HostedEngines engines;
    private final Placements placements;

    private final DoomedLogs doomed;
    private final EngineChecks checks;
    private final KeptLogs kept;
    private final Compactor compactor;
    private final List<Registration> maintenance;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** As the other, with one directory, that is taken as it is. */
    public LogHost(
            PartitionOptions options,
            Clock clock,
            Scheduler scheduler,
            FileLayer files,
            Metrics metrics,
            Consumer<EngineWriter> threads,
            LeadershipListener leadership) {
        this(options, clock, scheduler, files, Directories.alone(), metrics, threads, leadership);
    }

    /**
     * @param files of the host alone: states of partitions are kept there
     * @param directories that keep the logs; taken, closed with the host
     * @param threads starts one thread that runs the writer it is given, until that returns
     */
    public LogHost(
            PartitionOptions options,
            Clock clock,
            Scheduler scheduler,
            FileLayer files,
            Directories directories,
            Metrics metrics,
            Consumer<EngineWriter> threads,
            LeadershipListener leadership) {
        var memory = new RingMemory(options.ringBytes());
        this.context =
                new PartitionContext(
                        options,
                        clock,
                        scheduler,
                        files,
                        directories,
                        memory,
                        new EpochFloor(files),
                        new Completers(),
                        new PartitionMetrics(metrics, memory),
                        new DamagedRanges(metrics),
                        leadership,
                        new Found());
        this.engines = new HostedEngines(context, metrics, threads, this::trimmed);
        this.placements = new Placements(context, engines);
        this.doomed = new DoomedLogs(context, engines, placements);
        this.checks = new EngineChecks(context, engines);
        this.kept = new KeptLogs(context, logs.values(), engines, doomed, this::came);
        this.compactor = new Compactor(context, logs.values());
        this.maintenance =
                List.of(
                        scheduler.repeat(this::giveUpIdle, Math.max(1, options.idleNanos() / 2)),
                        scheduler.repeat(this::retain, options.retentionNanos()),
                        scheduler.repeat(compactor::run, options.compactionNanos()));
        directories.start(scheduler, kept, options.reopenDelayNanos(), metrics);
    }

    // Engines.

    /** As the other, over the data directory alone. */
    public Registration register(StorageEngineProvider provider, StorageContext storage)
            throws IOException {
        return register(provider, _ -> storage);
    }

    /**
     * Opens an engine, over each directory where it keeps anything there, and then every partition
     * that waits for it. Closing the registration closes the engine's partitions, then the engine;
     * they refuse until one of the same name comes back.
     *
     * @throws IOException if the engine cannot be opened over the data directory; another directory
     *     where it cannot is out of service
     * @throws IllegalStateException if one of that name is here
     */
    public Registration register(StorageEngineProvider provider, Contexts contexts)
            throws IOException {
        HostedEngine primary = engines.offer(provider, contexts);
        if (primary.onDisk()) {
            context.directories().all().forEach(this::bringUpWhatIsThere);
        }
        came(primary);
        var once = new AtomicBoolean();
        return () -> {
            if (once.compareAndSet(false, true)) {
                unregister(primary.name());
            }
        };
    }

    private void trimmed(LogId id, long startOffset) {
        PartitionLog log = logs.get(id.inGeneration(0));
        if (log != null) {
            log.trimmed(id.generation(), startOffset);
        }
    }

    private void bringUpWhatIsThere(LogDirectory directory) {
        if (directory.isPrimary() || directory.id() == null) {
            return; // what is not there is looked for
        }
        try {
            engines.bringUp(directory).forEach(this::came);
        } catch (IOException | RuntimeException e) {
            LOG.error("Log directory {}: a storage engine cannot be opened", directory, e);
            context.directories().suspect(directory);
        }
    }

    /** Partitions that wait for this engine are opened, and those that waited in vain go. */
    private void came(HostedEngine hosted) {
        doomed.delete(hosted);
        logs.values().stream()
                .filter(log -> log.control().generations().mayUse(hosted.name()))
                .forEach(log -> context.scheduler().execute(log.control()::open));
    }

    private void unregister(String engine) {
        List<HostedEngine> leaving = engines.withdraw(engine);
        Refusal why = absent(engine);
        await(logsOf(engine).stream().map(log -> log.control().close(why)).toList());
        leaving.forEach(HostedEngines::leave);
    }

    /** The directories that keep the logs, the data directory first. */
    public List<LogDirectory> directories() {
        return context.directories().all();
    }

    /** What is out of service, and why, in plain words; partitions of no known directory, too. */
    public List<String> outOfService() {
        return kept.outOfService();
    }

    /** The partitions that are open, or to be opened, in a directory. */
    public List<Partition> keptIn(LogDirectory directory) {
        return kept.in(directory);
    }

    private static void await(List<CompletableFuture<Void>> closing) {
        for (CompletableFuture<Void> one : closing) {
            one.exceptionally(LogHost::report).join();
        }
    }

    private static @Nullable Void report(Throwable e) {
        LOG.error("A partition did not close well", e);
        return null;
    }

    static Refusal absent(String engine) {
        return new Refusal(
                Reason.STORAGE_UNAVAILABLE, "Storage engine " + engine + " is not running");
    }

    /** What each engine that is here can give. */
    public Map<String, Set<Durability>> engines() {
        Map<String, Set<Durability>> given = new TreeMap<>();
        engines.primaries().forEach(it -> given.put(it.name(), it.engine().durabilities()));
        return given;
    }

    /**
     * Opens ordered keys that outlive the process, beside an engine's logs.
     *
     * @throws RefusedException the engine is not here, or has none
     */
    public KeyValueSpace openSpace(String engine, String name) throws IOException {
        HostedEngine hosted = engines.primary(engine);
        if (hosted == null) {
            throw absent(engine).asException();
        }
        if (!(hosted.engine() instanceof KeyValueSpaces spaces) || !spaces.persistent()) {
            throw new RefusedException(
                    Reason.UNSUPPORTED, "Storage engine " + engine + " keeps no ordered keys");
        }
        return spaces.openSpace(name);
    }

    /** The partitions that an engine keeps: what stands in the way of its removal. */
    public List<LogId> keptBy(String engine) {
        return logsOf(engine).stream().map(PartitionLog::logId).toList();
    }

    private List<PartitionLog> logsOf(String engine) {
        return logs.values().stream()
                .filter(log -> log.control().generations().needs(engine))
                .toList();
    }

    /** Why a topic cannot be created with these configs; null if it can. */
    public @Nullable Refusal refusal(String engine, Durability durability) {
        if (durability == Durability.NONE) {
            return new Refusal(
                    Reason.INVALID_CONFIG, "Durability NONE keeps no log; nothing to open");
        }
        HostedEngine hosted = engines.primary(engine);
        if (hosted == null) {
            return absent(engine);
        }
        if (!hosted.engine().durabilities().contains(durability)) {
            return new Refusal(
                    Reason.INVALID_CONFIG,
                    "Storage engine "
                            + engine
                            + " does not give durability "
                            + durability
                            + ", only "
                            + hosted.engine().durabilities());
        }
        return null;
    }

    /**
     * Has an engine read back and check everything that it keeps, in one directory after the other.
     * Blocks as long as that takes.
     *
     * @throws RefusedException the engine is not here, cannot check, or nothing could be read
     */
    public EngineCheck check(String engine) {
        return checks.check(engine, logsOf(engine));
    }

    /** What readers found damaged, of logs that are open and still hold it. */
    public List<DamagedRange> damaged() {
        logs.forEach(
                (id, log) -> {
                    if (log.storage() != null) {
                        context.damage().keep(id, log.logStartOffset(), log.logEndOffset());
                    }
                });
        return context.damage().all();
    }

    /** The engines that are here and can check what they keep. */
    public List<String> checkable() {
        return checks.checkable();
    }

    // Partitions.

    /**
     * Opens a partition, creating its log if absent.
     *
     * @param leaderEpoch the partition leads under this one or, if this node has led any partition
     *     under that or a later one in an earlier life, under a later one
     * @return completes when it leads or it is known why it does not yet (its appends say so);
     *     fails with a {@link io.mortise.spi.RefusedException} if it never will
     */
    public CompletionStage<Partition> open(LogId id, Topic topic, int leaderEpoch) {
        PartitionSettings settings = PartitionSettings.of(topic);
        Refusal refusal = refusal(settings.engine(), settings.durability());
        if (refusal != null && refusal.reason() == Reason.INVALID_CONFIG) {
            return CompletableFuture.failedFuture(refusal.asException());
        }
        var log = new PartitionLog(context, topic, id, settings, leaderEpoch);
        PartitionLog present = logs.putIfAbsent(id, log);
        if (present != null) {
            return CompletableFuture.completedFuture(present);
        }
        return aside(() -> openNow(log));
    }

    private <T extends @Nullable Object> CompletableFuture<T> aside(Supplier<T> work) {
        return CompletableFuture.completedFuture(null)
                .thenApplyAsync(_ -> work.get(), context.scheduler()::execute);
    }

    private static Partition openNow(PartitionLog log) {
        log.control().open();
        return log;
    }

    /** What {@link Generations} asks of it. */
    private final class Found implements EngineFinder {
        @Override
        public HostedEngine find(PartitionLog log, List<Generation> of, String name)
                throws IOException {
            HostedEngine primary = engines.primary(name);
            if (primary == null) {
                throw absent(name).asException();
            }
            String at = log.place(placements, of, primary);
            HostedEngine hosted = engines.find(name, at);
            if (hosted == null) {
                throw context.directories().absence(at).asException();
            }
            return hosted;
        }

        @Override
        public void delete(PartitionLog log, LogId id, String engine) {
            doomed.delete(log, id, engine);
        }
    }

    /** The partition, if it is open or being opened. */
    public @Nullable Partition find(LogId id) {
        return logs.get(id);
    }

    /** The topic's configs changed. */
    public CompletionStage<Void> reconfigure(LogId id) {
        PartitionLog log = logs.get(id);
        if (log == null) {
            return CompletableFuture.completedFuture(null);
        }
        return aside(
                () -> {
                    log.control().configure();
                    return null;
                });
    }

    /** Closes a partition; what is sequenced is written first. */
    public CompletionStage<Void> close(LogId id) {
        PartitionLog log = logs.remove(id);
        return log == null ? CompletableFuture.completedFuture(null) : close(log);
    }

    private static CompletableFuture<Void> close(PartitionLog log) {
        return log.control().end(new Refusal(Reason.NOT_LEADER, log.logId() + " is closed here"));
    }

    /** Closes a partition and deletes its log; if that is out of reach, when it comes back. */
    public CompletionStage<Void> delete(LogId id) {
        PartitionLog log = logs.remove(id);
        if (log == null) {
            return CompletableFuture.completedFuture(null);
        }
        return log.control().delete().whenComplete((_, _) -> placements.forget(log));
    }

    /** Closes every partition, then every engine. Blocks until all is written. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        compactor.close();
        maintenance.forEach(Registration::close);
        var leaving = new Refusal(Reason.SHUTTING_DOWN, "This node is shutting down");
        await(logs.values().stream().map(log -> log.control().close(leaving)).toList());
        logs.clear();
        engines.primaries().forEach(it -> unregister(it.name()));
        context.directories().close();
        context.metrics().close();
    }

    // Maintenance.

    /**
     * Keeps what compaction would take until the hold is closed: a copy of a log up to some offset
     * needs values that later ones replace. Blocks while a log is being compacted.
     */
    public Registration holdCompaction() {
        return compactor.hold();
    }

    private void giveUpIdle() {
        long idle = context.options().idleNanos();
        context.memory().giveUpIdle(context.clock().nanoTime() - idle);
    }

    private void retain() {
        long now = context.clock().wallMillis();
        for (PartitionLog log : logs.values()) {
            try {
                log.standing().expireProducers(now - context.options().producerExpiryMillis());
                log.trimming().retain(now);
            } catch (RuntimeException e) {
                LOG.error("{}: retention failed", log.logId(), e);
            }
        }
    }
}
