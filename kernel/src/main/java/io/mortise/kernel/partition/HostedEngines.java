// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.LogId;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.storage.SelfTrimming;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The engines that run here: one instance with a writer of its own for each directory, or one alone
 * where the engine keeps nothing on a disk. Any thread; opening blocks.
 */
final class HostedEngines {
    private static final Logger LOG = LoggerFactory.getLogger(HostedEngines.class);

    private record Key(String engine, int directory) {}

    private record Offer(StorageEngineProvider provider, LogHost.Contexts contexts) {}

    private final PartitionContext context;
    private final Metrics metrics;
    private final Consumer<EngineWriter> threads;
    private final SelfTrimming.TrimListener trimmed;
    private final Map<String, Offer> offers = new ConcurrentHashMap<>();
    private final Map<Key, HostedEngine> open = new ConcurrentHashMap<>();

    /** Held while instances come and go. */
    private final ReentrantLock changing = new ReentrantLock();

    /**
     * @param trimmed told of what engines drop by themselves
     */
    HostedEngines(
            PartitionContext context,
            Metrics metrics,
            Consumer<EngineWriter> threads,
            SelfTrimming.TrimListener trimmed) {
        this.context = context;
        this.metrics = metrics;
        this.threads = threads;
        this.trimmed = trimmed;
    }

    /**
     * Opens an engine over the data directory; {@link #bringUp} does so over the others.
     *
     * @throws IllegalStateException if one of that name is here
     */
    HostedEngine offer(StorageEngineProvider provider, LogHost.Contexts contexts)
            throws IOException {
        var offer = new Offer(provider, contexts);
        changing.lock();
        try {
            if (primary(provider.name()) != null) {
                throw new IllegalStateException(
                        "Storage engine " + provider.name() + " is running already");
            }
            HostedEngine hosted = open(offer, context.directories().primary());
            offers.put(provider.name(), offer);
            return hosted;
        } finally {
            changing.unlock();
        }
    }

    /** Opens over a directory every engine that keeps logs on disks; returns those that came. */
    List<HostedEngine> bringUp(LogDirectory directory) throws IOException {
        List<HostedEngine> came = new ArrayList<>();
        changing.lock();
        try {
            for (Offer offer : offers.values()) {
                String name = offer.provider().name();
                HostedEngine primary = primary(name);
                if (primary != null
                        && primary.onDisk()
                        && !open.containsKey(new Key(name, directory.number()))) {
                    came.add(open(offer, directory));
                }
            }
        } finally {
            changing.unlock();
        }
        return came;
    }

    private HostedEngine open(Offer offer, LogDirectory directory) throws IOException {
        String name = offer.provider().name();
        StorageEngine engine = offer.provider().open(offer.contexts().over(directory));
        try {
            if (engine instanceof SelfTrimming trimming) {
                trimming.onTrim(trimmed);
            }
            var writer = new EngineWriter(name, engine, directory, context, metrics);
            Set<LogId> found =
                    context.directories().onlyPrimary() ? Set.of() : Set.copyOf(engine.logs());
            var hosted = new HostedEngine(name, directory, engine, writer, found);
            open.put(new Key(name, directory.number()), hosted);
            threads.accept(writer);
            return hosted;
        } catch (IOException | RuntimeException failed) {
            close(name, engine);
            throw failed;
        }
    }

    /** No more instances come; those that are here stay until {@link #leave}. */
    List<HostedEngine> withdraw(String engine) {
        changing.lock();
        try {
            offers.remove(engine);
            List<HostedEngine> leaving = of(engine);
            leaving.forEach(it -> open.remove(new Key(engine, it.directory().number()), it));
            return leaving;
        } finally {
            changing.unlock();
        }
    }

    /** Ends an instance that has no open log. */
    static void leave(HostedEngine hosted) {
        hosted.writer().stop();
        close(hosted.name(), hosted.engine());
    }

    private static void close(String name, StorageEngine engine) {
        try {
            engine.close();
        } catch (IOException | RuntimeException e) {
            LOG.error("Storage engine {} did not close well", name, e);
        }
    }

    /** The instance over the data directory. */
    @Nullable HostedEngine primary(String engine) {
        return open.get(new Key(engine, 0));
    }

    /** The instance over the directory with that id. */
    @Nullable HostedEngine find(String engine, String directoryId) {
        LogDirectory directory = context.directories().find(directoryId);
        return directory == null ? null : open.get(new Key(engine, directory.number()));
    }

    /** The instances of an engine, that over the data directory first. */
    List<HostedEngine> of(String engine) {
        return open.values().stream()
                .filter(it -> it.name().equals(engine))
                .sorted(Comparator.comparingInt(it -> it.directory().number()))
                .toList();
    }

    /** What is over a directory. */
    List<HostedEngine> over(LogDirectory directory) {
        return open.values().stream()
                .filter(it -> Objects.equals(it.directory(), directory))
                .toList();
    }

    /** One of each engine. */
    Collection<HostedEngine> primaries() {
        return over(context.directories().primary());
    }
}
