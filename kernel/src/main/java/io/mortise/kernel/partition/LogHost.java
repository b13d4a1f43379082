// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

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
import io.mortise.spi.storage.CheckableStorage;
import io.mortise.spi.storage.SelfTrimming;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
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

    private final PartitionContext context;
    private final Metrics metrics;
    private final Consumer<EngineWriter> threads;
    private final Map<LogId, PartitionLog> logs = new ConcurrentHashMap<>();
    private final Map<String, HostedEngine> engines = new ConcurrentHashMap<>();

    /** Deleted while their engine was absent, with its name. */
    private final Map<LogId, String> doomed = new ConcurrentHashMap<>();

    private final Compactor compactor;
    private final List<Registration> maintenance;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param files of the host alone: states of partitions are kept there
     * @param threads starts one thread that runs the writer it is given, until that returns
     */
    public LogHost(
            PartitionOptions options,
            Clock clock,
            Scheduler scheduler,
            FileLayer files,
            Metrics metrics,
            Consumer<EngineWriter> threads,
            LeadershipListener leadership) {
        var memory = new RingMemory(options.ringBytes());
        this.metrics = metrics;
        this.threads = threads;
        this.context =
                new PartitionContext(
                        options,
                        clock,
                        scheduler,
                        files,
                        memory,
                        new EpochFloor(files),
                        new Completers(),
                        new PartitionMetrics(metrics, memory),
                        new DamagedRanges(metrics),
                        leadership);
        this.compactor = new Compactor(context, logs.values());
        this.maintenance =
                List.of(
                        scheduler.repeat(this::giveUpIdle, Math.max(1, options.idleNanos() / 2)),
                        scheduler.repeat(this::retain, options.retentionNanos()),
                        scheduler.repeat(compactor::run, options.compactionNanos()));
    }

    // Engines.

    /**
     * Opens an engine and then every partition that waits for it. Closing the registration closes
     * the engine's partitions, then the engine; they refuse until one of the same name comes back.
     *
     * @throws IOException if the engine cannot be opened
     * @throws IllegalStateException if one of that name is here
     */
    public Registration register(StorageEngineProvider provider, StorageContext storage)
            throws IOException {
        String name = provider.name();
        if (engines.containsKey(name)) {
            throw new IllegalStateException("Storage engine " + name + " is running already");
        }
        StorageEngine engine = provider.open(storage);
        if (engine instanceof SelfTrimming trimming) {
            trimming.onTrim(this::trimmed);
        }
        var writer = new EngineWriter(name, engine, context, metrics);
        var hosted = new HostedEngine(name, engine, writer);
        engines.put(name, hosted);
        threads.accept(writer);
        deleteDoomed(hosted);
        logs.values().stream()
                .filter(log -> log.settings().engine().equals(name))
                .forEach(log -> context.scheduler().execute(() -> log.control().open(hosted)));
        var once = new AtomicBoolean();
        return () -> {
            if (once.compareAndSet(false, true)) {
                unregister(hosted);
            }
        };
    }

    private void trimmed(LogId id, long startOffset) {
        PartitionLog log = logs.get(id);
        if (log != null) {
            log.trimmed(startOffset);
        }
    }

    private void deleteDoomed(HostedEngine hosted) {
        for (LogId id : List.copyOf(doomed.keySet())) {
            if (doomed.remove(id, hosted.name())) {
                context.scheduler().execute(() -> LogControl.delete(context, hosted, id));
            }
        }
    }

    private void unregister(HostedEngine hosted) {
        engines.remove(hosted.name(), hosted);
        Refusal why = absent(hosted.name());
        await(logsOf(hosted.name()).stream().map(log -> log.control().close(why)).toList());
        hosted.writer().stop();
        try {
            hosted.engine().close();
        } catch (IOException | RuntimeException e) {
            LOG.error("Storage engine {} did not close well", hosted.name(), e);
        }
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

    private static Refusal absent(String engine) {
        return new Refusal(
                Reason.STORAGE_UNAVAILABLE, "Storage engine " + engine + " is not running");
    }

    /** What each engine that is here can give. */
    public Map<String, Set<Durability>> engines() {
        Map<String, Set<Durability>> given = new TreeMap<>();
        engines.forEach((name, hosted) -> given.put(name, hosted.engine().durabilities()));
        return given;
    }

    /** The partitions that an engine keeps: what stands in the way of its removal. */
    public List<LogId> keptBy(String engine) {
        return logsOf(engine).stream().map(PartitionLog::logId).toList();
    }

    private List<PartitionLog> logsOf(String engine) {
        return logs.values().stream().filter(it -> it.settings().engine().equals(engine)).toList();
    }

    /** Why a topic cannot be created with these configs; null if it can. */
    public @Nullable Refusal refusal(String engine, Durability durability) {
        if (durability == Durability.NONE) {
            return new Refusal(
                    Reason.INVALID_CONFIG, "Durability NONE keeps no log; nothing to open");
        }
        HostedEngine hosted = engines.get(engine);
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
     * Has an engine read back and check everything that it keeps. Blocks as long as that takes.
     *
     * @throws RefusedException the engine is not here, cannot check, or could not read
     */
    public EngineCheck check(String engine) {
        HostedEngine hosted = engines.get(engine);
        if (hosted == null) {
            throw absent(engine).asException();
        }
        if (!(hosted.engine() instanceof CheckableStorage checkable)) {
            throw new RefusedException(
                    Reason.UNSUPPORTED, "Storage engine " + engine + " has nothing to check");
        }
        List<PartitionLog> kept = logsOf(engine);
        long bytes = kept.stream().mapToLong(PartitionLog::sizeInBytes).sum();
        try {
            return new EngineCheck(kept.size(), bytes, checkable.check());
        } catch (IOException e) {
            LOG.error("Storage engine {} could not be checked", engine, e);
            throw new RefusedException(
                    Reason.STORAGE_FAILED, "Storage engine " + engine + ": not checked: " + e);
        }
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
        return engines.values().stream()
                .filter(it -> it.engine() instanceof CheckableStorage)
                .map(HostedEngine::name)
                .sorted()
                .toList();
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

    private Partition openNow(PartitionLog log) {
        HostedEngine hosted = engines.get(log.settings().engine());
        if (hosted == null) {
            log.sequencer().recovering(absent(log.settings().engine()));
            hosted = engines.get(log.settings().engine()); // it may have come in between
        }
        if (hosted != null) {
            log.control().open(hosted);
        }
        return log;
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
                    log.control().configure(PartitionSettings.of(log.topic()));
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

    /** Closes a partition and deletes its log; if its engine is absent, when that comes. */
    public CompletionStage<Void> delete(LogId id) {
        PartitionLog log = logs.remove(id);
        if (log == null) {
            return CompletableFuture.completedFuture(null);
        }
        HostedEngine hosted = engines.get(log.settings().engine());
        if (hosted == null) {
            doomed.put(id, log.settings().engine());
            return close(log);
        }
        return log.control().delete(hosted);
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
        engines.values().forEach(this::unregister);
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
                log.sequencer().expireProducers(now - context.options().producerExpiryMillis());
                log.control().retain(now);
            } catch (RuntimeException e) {
                LOG.error("{}: retention failed", log.logId(), e);
            }
        }
    }
}
