// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.testing.SimulatedFileLayer.Trouble;
import io.mortise.spi.testing.TestBatches;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;

/** The disk is full, fails, or is slow. */
abstract class DiskGroup extends Group {
    DiskGroup(LogStorageTck kit) {
        super(kit);
    }

    @BeforeEach
    void needsSimulatedFiles() {
        requireSimulatedFiles();
    }

    @Test
    void aFullDiskRefusesServesAndRecovers() throws IOException {
        World world = world(1).open();
        LogStorage log = world.log(1, strongest());
        byte[] before = fill(world, log, 20, 900, 5);
        world.files.capacityBytes(world.files.usedBytes() + 2_000_000);
        assertThatThrownBy(() -> appendUntilRefused(world, log))
                .as("64 MB went to a disk of 2 MB, or beyond the engine's own bound")
                .isInstanceOf(IOException.class);
        log.close();
        LogStorage full = world.log(1, strongest());
        assertThat(all(full)).startsWith(before);
        long kept = full.endOffset();
        world.files.capacityBytes(Long.MAX_VALUE);
        full.advanceStart(kept / 2);
        fill(world, full, 5, 900, 1);
        assertThat(full.endOffset()).isEqualTo(kept + 5);
        if (strongest() == Durability.DISK) {
            world.crash();
            LogStorage again = world.log(1, strongest());
            assertThat(again.endOffset()).isEqualTo(kept + 5);
            assertThat(all(again)).isNotEmpty();
        }
    }

    private static void appendUntilRefused(World world, LogStorage log) throws IOException {
        for (int i = 0; i < 640; i++) {
            TestBatches.append(log, EPOCH, 1, 100_000, i);
            world.round();
        }
    }

    /** Also where the disk fills up at a small write of the engine's own. */
    @Test
    void theDiskMayFillUpAnywhere() throws IOException {
        requireFiles();
        for (int room = 0; room < 40_000; room += 1_700) {
            World world = world(1).open();
            LogStorage log = world.log(1, strongest());
            byte[] before = fill(world, log, 20, 900, 5);
            world.files.capacityBytes(world.files.usedBytes() + room);
            try {
                fill(world, log, 40, 900, 5);
                log.truncate(30);
                log.advanceStart(3);
            } catch (IOException full) {
                assertThat(full).hasMessageContaining("No space left on device");
            }
            world.files.capacityBytes(Long.MAX_VALUE);
            world.kill();
            LogStorage again = world.log(1, strongest());
            assertThat(again.endOffset()).as("with room for %d", room).isGreaterThanOrEqualTo(20);
            assertThat(TestBatches.readAll(again, 3, 100_000))
                    .startsWith(java.util.Arrays.copyOfRange(before, 3 * 961, before.length));
            fill(world, again, 5, 900, 1);
            done(world);
        }
    }

    @Test
    void aFailedForceIsNeverAcknowledged() throws IOException {
        requireLevel(Durability.DISK);
        for (int size : new int[] {300, 90_000}) {
            World world = world(1).open();
            LogStorage log = world.log(1, Durability.DISK);
            byte[] before = fill(world, log, 10, size, 2);
            TestBatches.append(log, EPOCH, 1, size, 77);
            world.files.on(Trouble.FAILED_FORCE, 1000);
            assertThatThrownBy(
                            () -> {
                                world.engine().flush();
                                world.engine().force();
                            })
                    .as("batches of %d bytes", size)
                    .isInstanceOf(IOException.class);
            world.files.calm();
            assertThatThrownBy(() -> TestBatches.append(log, EPOCH, 1, size, 78))
                    .as("append to a log that failed")
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> log.read(10, Long.MAX_VALUE, 1).close())
                    .as("read of what the failed round held")
                    .isInstanceOf(IOException.class);
            log.close();
            LogStorage again = world.log(1, Durability.DISK);
            assertThat(all(again)).startsWith(before);
            long truth = again.endOffset();
            fill(world, again, 3, size, 1);
            world.crash();
            LogStorage last = world.log(1, Durability.DISK);
            assertThat(last.endOffset()).isEqualTo(truth + 3);
            assertThat(all(last)).startsWith(before);
            done(world);
        }
    }

    /** Each operation of the disk fails once; logs that refuse are opened anew. */
    @Test
    void eachOperationMayFail() throws IOException {
        requireFiles();
        for (int at = 0; at < 10_000; at++) {
            World world = world(1);
            var scenario = new Scenario(world, strongest());
            String[] failed = {""};
            failOnce(world, at, failed);
            try {
                scenario.everything();
            } catch (IOException expected) {
                if (failed[0].isEmpty()) {
                    throw expected;
                }
            }
            if (failed[0].isEmpty()) {
                assertThat(at).isGreaterThan(20);
                return;
            }
            world.files.faults((operation, path) -> {});
            world.kill();
            scenario.verify("operation " + at + " failed (" + failed[0] + ")");
            scenario.goOn();
            if (strongest() == Durability.DISK) {
                world.crash();
            } else {
                world.kill();
            }
            scenario.verify("operation " + at + " failed (" + failed[0] + "), then again");
            done(world);
        }
    }

    private static void failOnce(World world, int at, String[] failed) {
        int[] left = {at};
        world.files.faults(
                (operation, path) -> {
                    if (operation != Operation.READ && left[0]-- == 0) {
                        failed[0] = operation + " of '" + path + "'";
                        throw new IOException("injected");
                    }
                });
    }

    /** A log that failed says so until it is opened anew in the same engine. */
    @Test
    void aFailedLogIsOpenedAnewInTheSameEngine() throws IOException {
        requireFiles();
        for (int at = 0; at < 6; at++) {
            World world = world(1).open();
            LogStorage log = world.log(1, strongest());
            LogStorage other = world.log(2, strongest());
            byte[] before = fill(world, log, 10, 900, 2);
            byte[] beside = fill(world, other, 10, 900, 2);
            String[] failed = {""};
            failOnce(world, at, failed);
            try {
                fill(world, log, 30, 3_000, 1);
            } catch (IOException expected) {
                assertThat(failed[0]).isNotEmpty();
            }
            world.files.faults((operation, path) -> {});
            log.close();
            LogStorage again = world.log(1, strongest());
            assertThat(all(again)).as(failed[0]).startsWith(before);
            fill(world, again, 5, 900, 1);
            other.close();
            assertThat(all(world.log(2, strongest()))).as(failed[0]).isEqualTo(beside);
            done(world);
        }
    }

    @Test
    void aSlowDiskIsOnlySlow() throws IOException {
        World world = world(1);
        world.files.slow(world.harness.clock(), 30_000_000_000L).on(Trouble.SLOW, 300);
        world.open();
        LogStorage log = world.log(1, strongest());
        byte[] all = fill(world, log, 100, 900, 3);
        world.harness.scheduler().advanceNanos(200_000_000_000L);
        assertThat(all(log)).isEqualTo(all);
        if (strongest() == Durability.DISK) {
            world.crash();
            assertThat(all(world.log(1, Durability.DISK))).isEqualTo(all);
        }
    }
}
