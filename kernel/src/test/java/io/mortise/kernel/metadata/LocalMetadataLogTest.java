// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.VolatileFileLayer;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;

final class LocalMetadataLogTest extends MetadataLogSuite {
    private static final String LOG = "metadata/log-00000000000000000000";
    private final VolatileFileLayer files = new VolatileFileLayer(11);

    @Override
    protected MetadataLog carrier() {
        return new LocalMetadataLog(files, "metadata", 1 << 20);
    }

    /** Remembers entries; a snapshot is all of them. */
    private static final class Memory implements MetadataLog.StateMachine {
        final List<String> entries = new ArrayList<>();

        @Override
        public void restore(List<byte[]> snapshot) {
            entries.clear();
            snapshot.forEach(this::apply);
        }

        @Override
        public void apply(byte[] entry) {
            entries.add(new String(entry, StandardCharsets.UTF_8));
        }

        @Override
        public List<byte[]> snapshot() {
            return entries.stream().map(entry -> entry.getBytes(StandardCharsets.UTF_8)).toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Memory start(MetadataLog log) throws IOException {
        Memory memory = new Memory();
        log.start(memory);
        return memory;
    }

    /**
     * Power is lost at random, also in the middle of snapshots; snapshots come every few entries.
     */
    @Test
    void whatWasCommittedSurvivesPowerLoss() throws Exception {
        for (int seed = 0; seed < 30; seed++) {
            VolatileFileLayer disk = new VolatileFileLayer(seed);
            Random random = new Random(seed);
            List<String> committed = new ArrayList<>();
            for (int life = 0; life < 10; life++) {
                LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 300);
                assertThat(start(log).entries).as("seed %s", seed).isEqualTo(committed);
                int count = random.nextInt(20);
                for (int i = 0; i < count; i++) {
                    String entry = "entry-" + committed.size();
                    await(log.propose(bytes(entry)));
                    committed.add(entry);
                }
                disk.crash();
            }
        }
    }

    /**
     * Writes, forces and renames fail at random, then power is lost: what failed may be there or
     * not, nothing else.
     */
    @Test
    void failingDisksLoseNothingThatWasCommitted() throws Exception {
        int failures = 0;
        for (int seed = 0; seed < 60; seed++) {
            VolatileFileLayer disk = new VolatileFileLayer(seed);
            Random random = new Random(seed);
            List<String> committed = new ArrayList<>();
            String doubtful = "";
            for (int life = 0; life < 6; life++) {
                LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 300);
                List<String> found = start(log).entries;
                if (found.size() > committed.size()) {
                    committed.add(doubtful);
                }
                assertThat(found).as("seed %s", seed).isEqualTo(committed);
                disk.faults((operation, path) -> fail(random, operation, path));
                for (int i = 0; i < 15; i++) {
                    String entry = "entry-" + seed + "-" + life + "-" + i;
                    doubtful = "";
                    try {
                        await(log.propose(bytes(entry)));
                        committed.add(entry);
                    } catch (CompletionException e) {
                        doubtful = entry;
                        failures++;
                    }
                }
                disk.faults((operation, path) -> {});
                disk.crash();
            }
        }
        assertThat(failures).isGreaterThan(100);
    }

    private static void fail(Random random, Operation operation, String path) throws IOException {
        boolean changes = operation != Operation.READ && operation != Operation.OPEN;
        if (changes && random.nextInt(12) == 0) {
            throw new IOException(operation + " of " + path + " fails on purpose");
        }
    }

    @Test
    void whatAFailedForceLeftIsMadeDurableByTheNextStart() throws Exception {
        VolatileFileLayer disk = new VolatileFileLayer();
        LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20);
        start(log);
        disk.faults((operation, _) -> failForce(operation));
        assertThatThrownBy(() -> await(log.propose(bytes("one"))))
                .isInstanceOf(CompletionException.class);
        disk.killProcess();
        LocalMetadataLog next = new LocalMetadataLog(disk, "metadata", 1 << 20);
        assertThat(start(next).entries).containsExactly("one");
        await(next.propose(bytes("two")));
        disk.crash();
        LocalMetadataLog last = new LocalMetadataLog(disk, "metadata", 1 << 20);
        assertThat(start(last).entries).containsExactly("one", "two");
    }

    private static void failForce(VolatileFileLayer.Operation operation) throws IOException {
        if (operation == VolatileFileLayer.Operation.FORCE) {
            throw new IOException("made to fail");
        }
    }

    @Test
    void cutsATornTailAndGoesOn() throws Exception {
        VolatileFileLayer disk = new VolatileFileLayer(1);
        try (LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20)) {
            start(log);
            await(log.propose(bytes("one")));
            await(log.propose(bytes("two")));
        }
        try (StorageFile file = disk.open(LOG, OpenMode.WRITE)) {
            file.truncate(file.size() - 1);
            file.force();
        }
        try (LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20)) {
            assertThat(start(log).entries).containsExactly("one");
            await(log.propose(bytes("three")));
        }
        try (LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20)) {
            assertThat(start(log).entries).containsExactly("one", "three");
        }
    }

    @Test
    void refusesCorruptionBeforeGoodEntries() throws Exception {
        VolatileFileLayer disk = new VolatileFileLayer(1);
        try (LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20)) {
            start(log);
            await(log.propose(bytes("one")));
            await(log.propose(bytes("two")));
        }
        overwrite(disk, 24 + 20, "X");
        LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20);
        assertThatThrownBy(() -> start(log))
                .isInstanceOf(MetadataFormatException.class)
                .hasMessageContaining(LOG)
                .hasMessageContaining("corrupt at byte 24");
    }

    @Test
    void refusesANewerFormatNamingBothVersions() throws Exception {
        VolatileFileLayer disk = new VolatileFileLayer(1);
        try (LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20)) {
            start(log);
        }
        overwrite(disk, 11, "\t");
        LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20);
        assertThatThrownBy(() -> start(log))
                .hasMessageContaining("format version 9")
                .hasMessageContaining("understands 1");
    }

    @Test
    void refusesANewerSnapshotNamingBothVersions() throws Exception {
        VolatileFileLayer disk = new VolatileFileLayer(1);
        try (LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20)) {
            start(log);
            await(log.propose(bytes("one")));
            log.snapshot();
        }
        String snapshot = "metadata/snapshot-00000000000000000001";
        overwrite(disk, snapshot, 11, "\t");
        LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20);
        assertThatThrownBy(() -> start(log))
                .hasMessageContaining(snapshot)
                .hasMessageContaining("format version 9")
                .hasMessageContaining("understands 1");
    }

    @Test
    void aRecordOfANewerVersionIsRefusedAndNeverSnapshotAway() throws Exception {
        VolatileFileLayer disk = new VolatileFileLayer(1);
        String newer = "{'base':0,'proposal':'p','records':[{'type':'moon','version':2}]}";
        try (LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20)) {
            start(log);
            await(log.propose(bytes(newer.replace('\'', '"'))));
        }
        FakeScheduler scheduler = new FakeScheduler(new FakeClock());
        for (int attempt = 0; attempt < 2; attempt++) {
            LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1);
            assertThatThrownBy(() -> Metadata.open(log, scheduler, new Random(1)))
                    .isInstanceOf(MetadataFormatException.class)
                    .hasMessageContaining("'moon', version 2");
        }
    }

    @Test
    void dropsTheEntriesThatASnapshotCovers() throws Exception {
        VolatileFileLayer disk = new VolatileFileLayer(1);
        try (LocalMetadataLog log = new LocalMetadataLog(disk, "metadata", 1 << 20)) {
            start(log);
            await(log.propose(bytes("one")));
            log.snapshot();
            assertThat(disk.list("metadata"))
                    .containsExactly("log-00000000000000000001", "snapshot-00000000000000000001");
        }
    }

    @Test
    void aClosedLogRefusesRetriably() {
        LocalMetadataLog log = new LocalMetadataLog(files, "other", 1 << 20);
        assertThatThrownBy(() -> await(log.propose(bytes("one"))))
                .cause()
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e ->
                                assertThat(e.refusal().reason())
                                        .isEqualTo(Reason.METADATA_UNAVAILABLE));
    }

    private static void overwrite(VolatileFileLayer disk, long position, String text)
            throws IOException {
        overwrite(disk, LOG, position, text);
    }

    private static void overwrite(VolatileFileLayer disk, String path, long position, String text)
            throws IOException {
        try (StorageFile file = disk.open(path, OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(bytes(text)), position);
            file.force();
        }
    }
}
