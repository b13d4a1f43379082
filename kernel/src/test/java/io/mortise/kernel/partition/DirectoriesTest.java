// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.metadata.LogDirectoryIdentity;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.testing.SimulatedFileLayer;
import io.mortise.spi.testing.SimulatedFileLayer.Trouble;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Logs in several directories, each on a disk of its own: placement, a disk that fails, is full, is
 * missing, lost, swapped or somebody else's.
 */
final class DirectoriesTest {
    private static final String SECOND = "/disks/2";
    private static final String THIRD = "/disks/3";

    private final TwoDisks world = new TwoDisks();

    @AfterEach
    void giveMemoryBack() {
        world.close();
    }

    private TwoDisks withSecond() {
        return world.with(SECOND, new SimulatedFileLayer(7));
    }

    private List<PartitionLog> open(int count) {
        List<PartitionLog> logs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            logs.add(world.open(i));
        }
        return logs;
    }

    private static Reason reason(Partition.AppendResult result) {
        Refusal refusal = result.refusal();
        assertThat(refusal).isNotNull();
        return refusal.reason();
    }

    // Placement.

    @Test
    void aNewPartitionGoesWhereTheFewestAreAndStaysThere() throws IOException {
        withSecond().start();
        List<PartitionLog> logs = open(4);
        assertThat(logs).extracting(world::place).containsExactly("data", SECOND, "data", SECOND);
        for (PartitionLog log : logs) {
            world.append(log, Batches.of("a", "b"));
        }
        assertThat(world.told).containsExactly("0@0", "1@0", "2@0", "3@0");
        world.restart();
        for (int i = 3; i >= 0; i--) {
            PartitionLog log = world.open(i);
            assertThat(world.place(log)).isEqualTo(i % 2 == 0 ? "data" : SECOND);
            assertThat(world.read(log)).containsExactly(0L);
        }
    }

    @Test
    void whatIsDeletedIsNotCountedAnyMore() throws IOException {
        withSecond().start();
        open(4);
        world.host().delete(world.id(1));
        world.host().delete(world.id(3));
        world.settle();
        assertThat(world.states.files()).noneMatch(it -> it.endsWith(".place"));
        assertThat(world.place(world.open(5))).isEqualTo(SECOND);
        assertThat(world.place(world.open(6))).isEqualTo(SECOND);
    }

    @Test
    void aDirectoryThatComesLaterGetsNewPartitionsOnly() throws IOException {
        world.start();
        open(3).forEach(log -> world.append(log, Batches.of("a")));
        world.die();
        withSecond().start();
        assertThat(open(3)).extracting(world::place).containsOnly("data");
        assertThat(world.read(world.open(2))).containsExactly(0L);
        assertThat(world.place(world.open(3))).isEqualTo(SECOND);
    }

    @Test
    void aLogIsFoundThoughItsNoteIsLostOrDamaged() throws IOException {
        withSecond().start();
        open(4).forEach(log -> world.append(log, Batches.of("a")));
        world.die();
        List<String> notes =
                world.states.files().stream().filter(it -> it.endsWith(".place")).toList();
        assertThat(notes).hasSize(2);
        world.states.delete(notes.getFirst());
        world.states.flipBit(notes.getLast(), 18, 3);
        world.start();
        assertThat(open(4))
                .extracting(world::place)
                .containsExactly("data", SECOND, "data", SECOND);
        assertThat(world.read(world.open(1))).containsExactly(0L);
    }

    // A disk that fails.

    @Test
    void aFailingDiskTakesItsOwnPartitionsOnlyAndTheyComeBackByThemselves() throws IOException {
        withSecond().start();
        List<PartitionLog> logs = open(4);
        logs.forEach(log -> world.append(log, Batches.of("a")));
        world.told.clear();
        world.disk(SECOND).on(Trouble.IO_ERROR, 1000);
        for (PartitionLog log : logs) {
            world.append(log, Batches.of("b"));
        }
        assertThat(world.told)
                .containsExactly(
                        "0@1", "1@1 STORAGE_UNAVAILABLE", "2@1", "3@1 STORAGE_UNAVAILABLE");
        world.pass(120);
        assertThat(world.directory(SECOND).offline()).isNotNull();
        assertThat(world.directory(SECOND).offline().message())
                .contains("log directory " + SECOND)
                .contains("Input/output error");
        assertThat(reason(world.append(logs.get(1), Batches.of("c"))))
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(world.append(logs.get(0), Batches.of("c")).baseOffset()).isEqualTo(2);
        assertThat(world.place(world.open(4))).as("nothing new goes there").isEqualTo("data");

        world.disk(SECOND).calm();
        world.pass(15);
        assertThat(world.directory(SECOND).offline()).isNull();
        assertThat(world.append(logs.get(1), Batches.of("d")).baseOffset()).isEqualTo(1);
        assertThat(world.append(logs.get(3), Batches.of("d")).baseOffset()).isEqualTo(1);
        assertThat(world.read(logs.get(1))).containsExactly(0L, 1L);
        assertThat(world.read(logs.get(0))).containsExactly(0L, 1L, 2L);
        assertThat(world.metrics.count("mortise_partition_lost_offsets_total")).isZero();
    }

    @Test
    void aForceThatFailsIsAnAnswerAndNothingMoreWhereTheDiskWorksOn() throws IOException {
        withSecond().start();
        List<PartitionLog> logs = open(2);
        world.disk(SECOND).on(Trouble.FAILED_FORCE, 1000);
        world.append(logs.get(1), Batches.of("a"));
        world.disk(SECOND).calm();
        assertThat(world.told).containsExactly("1@0 STORAGE_UNAVAILABLE");
        world.pass(15);
        assertThat(world.append(logs.get(1), Batches.of("b")).refusal()).isNull();
        assertThat(world.append(logs.get(0), Batches.of("b")).refusal()).isNull();
        assertThat(world.told).hasSize(3).endsWith("0@0");
    }

    @Test
    void aFullDiskHoldsUpItsOwnPartitionsUntilThereIsRoom() throws IOException {
        withSecond().start();
        List<PartitionLog> logs = open(2);
        logs.forEach(log -> world.append(log, Batches.of("a")));
        world.disk(SECOND).capacityBytes(world.disk(SECOND).usedBytes() + 100);
        world.told.clear();
        logs.forEach(log -> world.append(log, Batches.of("x".repeat(500))));
        world.pass(60);
        assertThat(world.told).containsExactly("0@1", "1@1 STORAGE_UNAVAILABLE");
        assertThat(world.append(logs.get(0), Batches.of("b")).refusal()).isNull();
        world.disk(SECOND).capacityBytes(1 << 30);
        world.pass(15);
        assertThat(world.append(logs.get(1), Batches.of("b")).baseOffset()).isEqualTo(1);
        assertThat(world.read(logs.get(1))).containsExactly(0L, 1L);
    }

    @Test
    void theDataDirectorysDiskMayFailWhileOthersServe() throws IOException {
        withSecond().start();
        List<PartitionLog> logs = open(2);
        world.disk("data").on(Trouble.IO_ERROR, 1000);
        logs.forEach(log -> world.append(log, Batches.of("a")));
        assertThat(world.told).containsExactly("0@0 STORAGE_UNAVAILABLE", "1@0");
        world.pass(120);
        assertThat(world.directory("data").offline()).isNotNull();
        world.disk("data").calm();
        world.pass(15);
        assertThat(world.append(logs.get(0), Batches.of("b")).refusal()).isNull();
    }

    @Test
    void whatIsDeletedWhileItsDiskFailsGoesWhenThatWorks() throws IOException {
        withSecond().start();
        List<PartitionLog> logs = open(2);
        world.append(logs.get(1), Batches.of("a"));
        world.disk(SECOND).on(Trouble.IO_ERROR, 1000);
        world.append(logs.get(1), Batches.of("b"));
        world.host().delete(world.id(1));
        world.pass(60);
        world.disk(SECOND).calm();
        world.pass(15);
        assertThat(world.states.files()).noneMatch(it -> it.endsWith(".place"));
        assertThat(world.open(1).logEndOffset()).isZero();
    }

    // Missing, lost, swapped, somebody else's.

    @Test
    void aDirectoryThatIsMissingAtStartIsOfflineAndComesBackByItself() throws IOException {
        withSecond().start();
        open(2).forEach(log -> world.append(log, Batches.of("a")));
        world.die();
        SimulatedFileLayer away = world.mounts.remove(SECOND);
        world.start();
        List<PartitionLog> logs = open(2);
        assertThat(world.append(logs.get(0), Batches.of("b")).baseOffset()).isEqualTo(1);
        assertThat(reason(world.append(logs.get(1), Batches.of("b"))))
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(world.directory(SECOND).offline()).isNotNull();
        assertThat(world.place(logs.get(1)))
                .as("its place is known all the same")
                .isEqualTo(SECOND);
        world.mounts.put(SECOND, away);
        world.pass(120);
        assertThat(world.append(logs.get(1), Batches.of("b")).baseOffset()).isEqualTo(1);
        assertThat(world.read(logs.get(1))).containsExactly(0L, 1L);
    }

    @Test
    void aDirectoryThatWasThereIsNeverMadeAnewEmpty() throws IOException {
        withSecond().start();
        open(2).forEach(log -> world.append(log, Batches.of("a")));
        world.die();
        world.mounts.put(
                SECOND, new SimulatedFileLayer(8)); // the mount point of a disk that is away
        world.start();
        List<PartitionLog> logs = open(2);
        world.pass(60);
        assertThat(world.directory(SECOND).offline().message())
                .contains(SECOND + " has no meta.properties")
                .contains("lost");
        assertThat(reason(world.append(logs.get(1), Batches.of("b"))))
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
        assertThat(world.disk(SECOND).files()).isEmpty();
    }

    @Test
    void aLostDiskIsReplacedUnderAnotherPath() throws IOException {
        withSecond().start();
        open(2).forEach(log -> world.append(log, Batches.of("a")));
        world.die();
        world.configured.clear();
        world.with(THIRD, new SimulatedFileLayer(8)).start();
        List<PartitionLog> logs = open(2);
        Refusal refusal = world.append(logs.get(1), Batches.of("b")).refusal();
        assertThat(refusal).isNotNull();
        assertThat(refusal.message()).contains(SECOND).contains("not among logs.directories");
        assertThat(world.host().outOfService())
                .singleElement()
                .asString()
                .contains(SECOND)
                .contains("(1 partitions)");
        assertThat(world.place(world.open(2))).isEqualTo(THIRD);
    }

    @Test
    void swappedDirectoriesAreKnownByWhatTheyCarry() throws IOException {
        withSecond().with(THIRD, new SimulatedFileLayer(9)).start();
        List<PartitionLog> logs = open(3);
        assertThat(logs).extracting(world::place).containsExactly("data", SECOND, THIRD);
        world.append(logs.get(1), Batches.of("a"));
        world.append(logs.get(2), Batches.of("a", "b"));
        world.die();
        SimulatedFileLayer second = world.mounts.get(SECOND);
        world.mounts.put(SECOND, world.mounts.get(THIRD));
        world.mounts.put(THIRD, second);
        world.start();
        logs = open(3);
        assertThat(logs).extracting(world::place).containsExactly("data", THIRD, SECOND);
        assertThat(logs).extracting(Partition::logEndOffset).containsExactly(0L, 1L, 2L);
    }

    @Test
    void anotherDiskThatIsMountedMeanwhileIsNotTakenForIt() throws IOException {
        withSecond().start();
        List<PartitionLog> logs = open(2);
        world.disk(SECOND).on(Trouble.IO_ERROR, 1000);
        world.append(logs.get(1), Batches.of("a"));
        world.pass(5);
        world.disk(SECOND).calm();
        world.disk(SECOND).damage("meta.properties", 0, new byte[60]);
        world.pass(60);
        assertThat(world.directory(SECOND).offline()).isNotNull();
        assertThat(reason(world.append(logs.get(1), Batches.of("a"))))
                .isEqualTo(Reason.STORAGE_UNAVAILABLE);
    }

    @Test
    void aDirectoryOfAnotherNodeOrClusterIsRefusedNamingBoth() throws IOException {
        var foreign = new SimulatedFileLayer(9);
        new LogDirectoryIdentity("another-cluster", 5).create(foreign, new Random(1));
        world.with(SECOND, foreign);
        assertThatThrownBy(world::start)
                .hasMessageContaining(SECOND)
                .hasMessageContaining("node 5 of cluster another-cluster")
                .hasMessageContaining("node 3 of cluster " + TwoDisks.CLUSTER);
        assertThat(foreign.files()).containsExactly("meta.properties");
    }

    @Test
    void aCopyOfADirectoryIsRefused() throws IOException {
        withSecond().start();
        world.die();
        var copy = new SimulatedFileLayer(9);
        copy.takeOver(world.disk(SECOND));
        world.with(THIRD, copy);
        assertThatThrownBy(world::start)
                .hasMessageContaining(SECOND)
                .hasMessageContaining(THIRD)
                .hasMessageContaining("copy");
    }

    @Test
    void aDirectoryInUseIsRefused() throws IOException {
        withSecond().start();
        assertThatThrownBy(world::start).hasMessageContaining("in use by another Mortise");
    }

    @Test
    void logsWithoutAnIdentityAreNobodys() throws IOException {
        var disk = new SimulatedFileLayer(9);
        disk.createDirectories("logs/reference");
        world.with(SECOND, disk).start();
        assertThat(world.directory(SECOND).offline().message())
                .contains("has logs and no meta.properties");
        assertThat(disk.files()).isEmpty();
    }

    @Test
    void aDamagedListOfDirectoriesIsNotGuessed() throws IOException {
        withSecond().start();
        world.die();
        world.states.flipBit("directories", 20, 1);
        assertThatThrownBy(world::start).hasMessageContaining("partitions/directories");
        String said =
                new String(world.disk(SECOND).bytes("meta.properties"), StandardCharsets.UTF_8);
        assertThat(said).contains("directory.id=", "cluster.id=" + TwoDisks.CLUSTER, "node.id=3");
    }

    // Checking.

    @Test
    void aCheckOfAnEngineThatHasNothingToCheckIsRefused() throws IOException {
        withSecond().start();
        assertThatThrownBy(() -> world.host().check("reference"))
                .hasMessageContaining("UNSUPPORTED");
    }
}
