// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.directory.SmallFile;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What a newer version of the broker wrote is refused, by both numbers, and left as it is. */
class NewerFilesTest {
    private static final String EPOCH = "epoch";
    private static final int NEWER = 99;

    private final HandDriven world = new HandDriven().withEngine();
    private String state = "";

    @BeforeEach
    void writeBoth() {
        PartitionLog log = world.open(0);
        world.append(log, Batches.by(5, 0, 0, "a"));
        world.settle(world.host.close(world.id(0)));
        state = world.files.files().stream().filter(it -> !it.startsWith(EPOCH)).findFirst().get();
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void anEpochFileIsRefused() throws IOException {
        makeNewer(EPOCH);
        assertThatThrownBy(() -> new EpochFloor(world.files).reach(0))
                .isInstanceOf(IOException.class)
                .hasMessageMatching("epoch has version 99; this broker reads up to \\d+");
    }

    @Test
    void aStateFileIsRefused() throws IOException {
        makeNewer(state);
        StateFile file = new StateFile(world.files, world.id(0));
        assertThatThrownBy(file::read)
                .isInstanceOf(IOException.class)
                .hasMessageMatching(state + " has version 99; this broker reads up to \\d+");
    }

    @Test
    void itsPartitionIsNotServedAndSaysWhy() throws IOException {
        makeNewer(state);
        byte[] before = content(state);
        PartitionLog log = world.open(0);
        assertThat(world.append(log, Batches.of("b")).refusal())
                .isNotNull()
                .extracting(it -> it.message())
                .asString()
                .contains(state)
                .contains("has version 99; this broker reads up to ");
        assertThat(content(state)).isEqualTo(before);
    }

    @Test
    void soIsHowFarItIsCompacted() throws IOException {
        int slash = state.indexOf('/');
        String name = state.substring(slash + 1) + ".compaction";
        new SmallFile(world.files, state.substring(0, slash), name, 0x4D504350, NEWER)
                .write(CompactionPoint.none(0).encode());
        PartitionLog log = world.open(0);
        assertThat(world.append(log, Batches.of("b")).refusal())
                .isNotNull()
                .extracting(it -> it.message())
                .asString()
                .contains(name + " has version 99; this broker reads up to 1");
    }

    @Test
    void anOlderStateIsFoundOutAgain() throws IOException {
        int slash = state.indexOf('/');
        String name = state.substring(slash + 1);
        new SmallFile(world.files, state.substring(0, slash), name, 0x4D505354, 1)
                .write(new byte[8]);
        PartitionLog log = world.open(0);
        assertThat(world.append(log, Batches.by(5, 0, 0, "a")).duplicate()).isTrue();
    }

    private void makeNewer(String path) throws IOException {
        try (StorageFile file = world.files.open(path, OpenMode.WRITE)) {
            file.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, NEWER), Integer.BYTES);
            file.force();
        }
    }

    private byte[] content(String path) throws IOException {
        try (StorageFile file = world.files.open(path, OpenMode.READ)) {
            byte[] bytes = new byte[(int) file.size()];
            file.read(ByteBuffer.wrap(bytes), 0);
            return bytes;
        }
    }
}
