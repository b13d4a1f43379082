// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.VolatileFileLayer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.ByteBuffer;

class EpochFloorTest {
    private static final String FILE = "epoch";
    private static final String COPY = "epoch.copy";

    private final HandDriven world = new HandDriven().withEngine();
    private final VolatileFileLayer files = world.files;

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void goesOnAfterTheHighestOfAllLives() throws IOException {
        assertThat(new EpochFloor(files).reach(0)).isZero();
        EpochFloor second = new EpochFloor(files);
        assertThat(second.reach(0)).isEqualTo(1);
        assertThat(second.reach(40)).isEqualTo(40);
        assertThat(second.reach(0)).as("another partition, of the same life").isEqualTo(1);
        files.crash();
        assertThat(new EpochFloor(files).reach(0)).isEqualTo(41);
    }

    @ParameterizedTest
    @ValueSource(strings = {FILE, COPY})
    void oneOfTheTwoIsEnough(String damaged) throws IOException {
        new EpochFloor(files).reach(40);
        damage(damaged);
        assertThat(new EpochFloor(files).reach(0)).isEqualTo(41);
        damage(damaged.equals(FILE) ? COPY : FILE);
        assertThat(new EpochFloor(files).reach(0)).as("it was written anew").isEqualTo(42);
    }

    @ParameterizedTest
    @ValueSource(strings = {FILE, COPY})
    void oneThatIsGoneIsMadeAgain(String gone) throws IOException {
        new EpochFloor(files).reach(40);
        files.delete(gone);
        assertThat(new EpochFloor(files).reach(0)).isEqualTo(41);
        assertThat(files.exists(gone)).isTrue();
    }

    @Test
    void aDeathBetweenTheTwoLosesNoEpochThatWasUsed() throws IOException {
        new EpochFloor(files).reach(40);
        byte[] old = content(COPY);
        new EpochFloor(files).reach(41);
        try (StorageFile file = files.open(COPY, OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(old), 0);
            file.force();
        }
        assertThat(new EpochFloor(files).reach(0)).isEqualTo(42);
    }

    @Test
    void withNeitherItIsRefusedWithWhatToDo() throws IOException {
        new EpochFloor(files).reach(40);
        damage(FILE);
        damage(COPY);
        refuses();
        files.delete(COPY);
        refuses();
        files.delete(FILE); // as the message says
        assertThat(new EpochFloor(files).reach(0)).isZero();
    }

    private void refuses() throws IOException {
        assertThatThrownBy(() -> new EpochFloor(files).reach(0))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("epoch and epoch.copy (below partitions/")
                .hasMessageContaining("Restore one of the two from a backup")
                .hasMessageContaining("delete both files");
    }

    @Test
    void aPartitionIsNotServedUntilTheFileIsBack() throws IOException {
        PartitionLog log = world.open(0);
        world.append(log, Batches.of("a"));
        world.settle(world.host.close(world.id(0)));
        byte[] whole = content(FILE);
        damage(FILE);
        damage(COPY);
        world.crash();
        log = world.open(0);
        assertThat(world.append(log, Batches.of("b")).refusal().message())
                .contains("epoch and epoch.copy");
        try (StorageFile file = files.open(FILE, OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(whole), 0);
        }
        world.clock.advanceNanos(PartitionOptions.defaults().reopenDelayNanos());
        world.settle();
        assertThat(world.append(log, Batches.of("b")).refusal()).isNull();
        assertThat(log.leaderEpoch()).isPositive();
    }

    private void damage(String path) throws IOException {
        byte[] bytes = content(path);
        try (StorageFile file = files.open(path, OpenMode.WRITE)) {
            int last = bytes.length - 1;
            file.write(ByteBuffer.wrap(new byte[] {(byte) ~bytes[last]}), last);
            file.force();
        }
    }

    private byte[] content(String path) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            byte[] bytes = new byte[(int) file.size()];
            file.read(ByteBuffer.wrap(bytes), 0);
            return bytes;
        }
    }
}
