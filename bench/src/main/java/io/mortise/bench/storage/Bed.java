// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.kernel.metrics.BrokerMetrics;
import io.mortise.kernel.partition.LeadershipListener;
import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.partition.PartitionOptions;
import io.mortise.kernel.runtime.DedicatedThreads;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/**
 * Partitions over one engine on real files, put together as the broker does it, without the rest of
 * a broker; or the engine alone.
 */
final class Bed implements AutoCloseable, LeadershipListener {
    /** What the engine does with its files; the host's own are not counted. */
    final CountingFiles files;

    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("bench");
    private final BrokerMetrics metrics = new BrokerMetrics();
    private final StorageEngineProvider provider;
    private final BenchContext context;
    private final LogHost host;

    /**
     * @param changes settings of the engine that are not as shipped
     */
    Bed(Path root, StorageEngineProvider provider, Map<String, String> changes) throws IOException {
        var disk = new DiskFileLayer(root);
        var counted = disk.below("logs/" + provider.name());
        this.files = new CountingFiles(counted);
        this.provider = provider;
        this.context = BenchContext.of(provider.name(), changes, files, scheduler, metrics.scope());
        this.host =
                new LogHost(
                        PartitionOptions.defaults(),
                        new SystemClock(),
                        scheduler,
                        disk.below("partitions"),
                        metrics.kernel(),
                        writer -> DedicatedThreads.start("bench-writer", writer),
                        this);
    }

    /** Has the host open the engine. */
    Bed withHost() throws IOException {
        var _ = host.register(provider, context);
        return this;
    }

    /** The engine alone, to be driven by the caller. */
    StorageEngine engine() throws IOException {
        return provider.open(context);
    }

    static LogId id(int topic) {
        return new LogId(TenantId.DEFAULT, new TopicId(new UUID(7, topic)), 0, 0);
    }

    /** The only partition of a topic, open. */
    Partition partition(int topic, Durability durability) {
        LogId id = id(topic);
        var of = new BenchTopic(id.topicId(), provider.name(), durability);
        return host.open(id, of, 0).toCompletableFuture().join();
    }

    @Override
    public void lost(Partition partition, Refusal why) {
        if (why.reason() == Reason.SHUTTING_DOWN) {
            return;
        }
        System.err.println("FAILED: " + partition.logId() + ": " + why.message());
        System.exit(1);
    }

    @Override
    public void won(Partition partition) {
        // Opened by this bench itself.
    }

    @Override
    public void close() {
        host.close();
        scheduler.close();
        metrics.close();
    }
}
