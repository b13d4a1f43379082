// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.kernel.backup.BackupAbout;
import io.mortise.kernel.backup.BackupRun;
import io.mortise.kernel.backup.BackupScan;
import io.mortise.kernel.backup.BackupSource;
import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.partition.PartitionOptions;
import io.mortise.kernel.partition.TopicLogs;
import io.mortise.kernel.record.BatchBuilder;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Topics.TopicSpec;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.ForwardingFileLayer;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.TestStorageContext;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.storage.segment.SegmentStorageProvider;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A log whose start moves past what a backup is reading of it is copied once more. */
class BackupAgainTest {
    private static final int BATCHES = 8;
    private static final int BATCH_BYTES = 700_000;

    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("again-test");
    private final VolatileFileLayer target = new VolatileFileLayer(4);
    private Metadata metadata;
    private TopicLogs logs;
    private BrokerTopics topics;

    @BeforeEach
    void open() throws Exception {
        var files = new VolatileFileLayer(5);
        var clock = new FakeClock();
        metadata =
                Metadata.open(
                        new LocalMetadataLog(files, "metadata", 1 << 20), scheduler, new Random(3));
        logs =
                new TopicLogs(
                        leadership ->
                                new LogHost(
                                        PartitionOptions.defaults(),
                                        new SystemClock(),
                                        scheduler,
                                        files,
                                        new TestMetrics(),
                                        Thread::startVirtualThread,
                                        leadership));
        Map<String, String> config =
                Map.of(
                        "commitFileBytes", "2000000",
                        "commitLogBytes", "134217728",
                        "ownRoundBytes", "65536",
                        "ownFileBytes", "1048576",
                        "stagingBytes", "2000000",
                        "checkpointSeconds", "30",
                        "reserveBytes", "0");
        logs.logs()
                .register(
                        new SegmentStorageProvider(),
                        TestStorageContext.over(
                                new VolatileFileLayer(6),
                                config,
                                clock,
                                new FakeScheduler(clock),
                                1));
        topics = new BrokerTopics(metadata, TopicPolicy.DEFAULT, logs, logs, 7, new Random(1));
    }

    @AfterEach
    void close() throws Exception {
        topics.close();
        logs.logs().close();
        metadata.close();
        scheduler.close();
    }

    private Partition filled() throws Exception {
        var spec = new TopicSpec(TenantId.DEFAULT, "long", 1, Map.of(), false);
        Partition partition =
                topics.create(spec).toCompletableFuture().get(30, TimeUnit.SECONDS).partition(0);
        for (int i = 0; i < BATCHES; i++) {
            var done = new CompletableFuture<Boolean>();
            partition.append(
                    batch(),
                    -1,
                    Origin.BROKER,
                    AckLevel.DURABLE,
                    Runnable::run,
                    refusal -> done.complete(refusal == null));
            assertThat(done.get(30, TimeUnit.SECONDS)).isTrue();
        }
        return partition;
    }

    private static ByteBuf batch() {
        ByteBuf batch = Unpooled.buffer(BATCH_BYTES + 200);
        var builder = new BatchBuilder();
        builder.begin(batch);
        ByteBuf value = Unpooled.wrappedBuffer(new byte[BATCH_BYTES]);
        builder.append(1, Unpooled.EMPTY_BUFFER, value, Unpooled.EMPTY_BUFFER, 0);
        builder.finish();
        return batch;
    }

    @Test
    void whatWasBehindTheNewStartIsInIt() throws Exception {
        Partition partition = filled();
        var moving =
                new AfterBytes(
                        BATCH_BYTES,
                        () -> {
                            var moved = new CompletableFuture<Boolean>();
                            partition.advanceStart(
                                    6, Runnable::run, refusal -> moved.complete(refusal == null));
                            assertThat(moved.join()).isTrue();
                        });
        var about = new BackupAbout(1, 7, "a-cluster", "test");
        var plugins = new VolatileFileLayer(3);
        var source = new BackupSource(about, metadata, topics, logs.logs(), plugins, scheduler);
        BackupRun.Made made = BackupRun.create(source, moving, "b");
        assertThat(moving.done).isTrue();
        assertThat(made.logs()).isEqualTo(1);
        assertThat(made.batches()).isEqualTo(BATCHES - 6);
        var found = BackupScan.verify(target, "b");
        assertThat(found.batches()).isEqualTo(BATCHES - 6);
        assertThat(found.batchBytes()).isBetween(2L * BATCH_BYTES, 2L * BATCH_BYTES + 400);
        assertThat(made.bytes()).isLessThan(3L * BATCH_BYTES);
    }

    /** Does something once, when so many bytes are written. */
    private final class AfterBytes extends ForwardingFileLayer {
        private final Runnable task;
        private long left;
        private boolean done;

        AfterBytes(long bytes, Runnable task) {
            super(target);
            this.left = bytes;
            this.task = task;
        }

        @Override
        protected StorageFile around(StorageFile file) {
            return new File(file) {
                @Override
                public void write(ByteBuffer[] sources, long position) throws IOException {
                    for (ByteBuffer source : sources) {
                        left -= source.remaining();
                    }
                    super.write(sources, position);
                    if (left < 0 && !done) {
                        done = true;
                        task.run();
                    }
                }
            };
        }
    }
}
