// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.partition.PartitionOptions;
import io.mortise.kernel.partition.TopicLogs;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.ForwardingFileLayer;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;

final class BackupRunTest {
    private static final int JAR_BYTES = 3 << 20;

    private final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("backup-test");
    private final VolatileFileLayer plugins = new VolatileFileLayer(3);
    private final VolatileFileLayer target = new VolatileFileLayer(4);
    private Metadata metadata;
    private TopicLogs logs;
    private BrokerTopics topics;

    @BeforeEach
    void open() throws Exception {
        var files = new VolatileFileLayer(5);
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
                                        writer -> {},
                                        leadership));
        var policy = new TopicPolicy(1, Map.of(), true, 3);
        topics = new BrokerTopics(metadata, policy, logs, logs, 7, new Random(1));
        try (StorageFile jar = plugins.open("echo-1.jar", OpenMode.CREATE_NEW)) {
            jar.write(ByteBuffer.allocate(JAR_BYTES), 0);
        }
        for (String name : new String[] {"echo-1.jar.sig", "upload-7.jar", "notes.txt"}) {
            try (StorageFile file = plugins.open(name, OpenMode.CREATE_NEW)) {
                file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            }
        }
    }

    @AfterEach
    void close() throws Exception {
        topics.close();
        logs.logs().close();
        metadata.close();
        scheduler.close();
    }

    private BackupSource source() {
        var about = new BackupAbout(1, 7, "a-cluster", "test");
        return new BackupSource(about, metadata, topics, logs.logs(), plugins, scheduler);
    }

    @Test
    void holdsInstalledPlugins() throws Exception {
        BackupRun.Made made = BackupRun.create(source(), target, "b");
        BackupSummary found = BackupScan.verify(target, "b");
        assertThat(found.files()).containsExactly("echo-1.jar", "echo-1.jar.sig");
        assertThat(found.about()).isEqualTo(source().about());
        assertThat(made.bytes()).isGreaterThan(JAR_BYTES);
    }

    @Test
    void aFullDiskIsToldAndLeavesNothing() throws Exception {
        var full = new FullDisk(target, 2 << 20);
        assertThatThrownBy(() -> BackupRun.create(source(), full, "b"))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("the backup b cannot be written: No space left on device")
                .hasMessageContaining("bytes are free");
        assertThat(target.list("")).isEmpty();
        BackupRun.create(source(), target, "b");
        assertThat(target.list("")).containsExactly("b");
    }

    @Test
    void everyFlippedBitIsFound() throws Exception {
        plugins.delete("echo-1.jar");
        plugins.delete("echo-1.jar.sig");
        BackupRun.create(source(), target, "b");
        byte[] good = bytes("b");
        for (int at = 0; at < good.length * 8; at++) {
            byte[] bad = good.clone();
            bad[at / 8] ^= (byte) (1 << at % 8);
            target.delete("bad");
            try (StorageFile file = target.open("bad", OpenMode.CREATE_NEW)) {
                file.write(ByteBuffer.wrap(bad), 0);
            }
            assertThatThrownBy(() -> BackupScan.verify(target, "bad"))
                    .as("bit %d", at)
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("bad");
        }
    }

    private byte[] bytes(String name) throws IOException {
        try (StorageFile file = target.open(name, OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            file.read(bytes, 0);
            return bytes.array();
        }
    }

    /** Takes so many bytes and no more. */
    private static final class FullDisk extends ForwardingFileLayer {
        private long left;

        FullDisk(FileLayer files, long left) {
            super(files);
            this.left = left;
        }

        @Override
        protected StorageFile around(StorageFile file) {
            return new File(file) {
                @Override
                public void write(ByteBuffer[] sources, long position) throws IOException {
                    for (ByteBuffer source : sources) {
                        left -= source.remaining();
                    }
                    if (left < 0) {
                        throw new IOException("No space left on device");
                    }
                    super.write(sources, position);
                }
            };
        }
    }
}
