// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import static io.mortise.spi.record.BatchHeader.LEADER_EPOCH;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mortise.spi.LogId;
import io.mortise.spi.storage.CheckableStorage;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.spi.testing.TestBatches;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Bytes on the disk change by themselves: nothing wrong is ever served, and what is right is. */
abstract class DamageGroup extends Group {
    private static final int LOGS = 3;

    /** Expected batches of each log. */
    private final List<List<byte[]>> expected = new ArrayList<>();

    private World whole;

    DamageGroup(LogStorageTck kit) {
        super(kit);
    }

    @BeforeEach
    void needsSimulatedFiles() {
        requireSimulatedFiles();
    }

    @BeforeEach
    void fillAndClose() throws IOException {
        requireFiles();
        whole = world(1).open();
        for (int i = 0; i < LOGS; i++) {
            expected.add(new ArrayList<>());
            LogStorage log = whole.log(i, strongest());
            int size = new int[] {300, 3_000, 70_000}[i];
            for (int batch = 0; batch < 24; batch++) {
                expected.get(i).add(TestBatches.append(log, EPOCH, 1, size, batch + i).array());
                whole.round();
            }
        }
        whole.engine().close();
        whole.harness.kill();
    }

    /** The same disk once more. */
    private World copy() {
        World copy = world(2);
        copy.files.takeOver(whole.files);
        return copy;
    }

    /** Whether all is served; what is served is always right, and nothing is left out silently. */
    private boolean serves(World world, String what) {
        try {
            world.open();
        } catch (IOException refused) {
            assertThat(refused).as(what).hasMessageMatching("(?s).+");
            return false;
        }
        boolean all = true;
        for (int i = 0; i < LOGS; i++) {
            all &= servedOf(world, i, what) == expected.get(i).size();
        }
        return all;
    }

    private int servedOf(World world, int number, String what) {
        LogStorage log;
        try {
            log = world.log(number, strongest());
        } catch (IOException refused) {
            return 0;
        }
        assertThat(log.endOffset() == 24 || reports(world))
                .as(what + ": log " + number + " ends at " + log.endOffset() + ", silently")
                .isTrue();
        int served = 0;
        for (int offset = 0; offset < Math.min(24, log.endOffset()); offset++) {
            served += serves(log, offset, expected.get(number).get(offset), what) ? 1 : 0;
        }
        return served;
    }

    private static boolean reports(World world) {
        try {
            return world.engine() instanceof CheckableStorage able && !able.check().isEmpty();
        } catch (IOException refused) {
            return true;
        }
    }

    /** The ability {@link CheckableStorage}, where it is declared. */
    @Test
    void aCheckFindsWhatIsDamaged() throws IOException {
        World intact = copy().open();
        assumeTrue(intact.engine() instanceof CheckableStorage, "the engine does not check itself");
        assertThat(((CheckableStorage) intact.engine()).check()).isEmpty();
        for (int number = 0; number < LOGS; number++) {
            World world = copy();
            String where = find(world, expected.get(number).get(11), 70);
            world.open();
            LogId id = World.id(number);
            assertThat(((CheckableStorage) world.engine()).check())
                    .as("log %s, %s", id, where)
                    .anyMatch(problem -> id.equals(problem.log()) && covers(problem, 11))
                    .allMatch(problem -> !problem.problem().isEmpty())
                    .allMatch(problem -> !problem.remedy().isEmpty());
            done(world);
        }
    }

    private static boolean covers(StorageProblem problem, long offset) {
        return problem.fromOffset() <= offset && offset < problem.toOffset();
    }

    private boolean serves(LogStorage log, int offset, byte[] batch, String what) {
        try (LogSlice slice = log.read(offset, Long.MAX_VALUE, 1)) {
            byte[] bytes = TestBatches.bytes(slice);
            if (!kit.checksLeaderEpochs() && bytes.length == batch.length) {
                System.arraycopy(batch, LEADER_EPOCH, bytes, LEADER_EPOCH, Integer.BYTES);
            }
            assertThat(bytes).as(what + ", offset " + offset).isEqualTo(batch);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    @Test
    void noFlippedBitIsServed() throws IOException {
        var random = new Random(5);
        List<String> paths = new ArrayList<>(whole.files.files());
        paths.removeIf(path -> length(whole, path) == 0);
        int detected = 0;
        for (int i = 0; i < seeds(150); i++) {
            String path = paths.get(i % paths.size());
            int position = random.nextInt(length(whole, path));
            World world = copy();
            world.files.flipBit(path, position, random.nextInt(8));
            detected += serves(world, "bit flipped at " + position + " of " + path) ? 0 : 1;
            done(world);
        }
        assertThat(detected).as("flipped bits that were noticed").isPositive();
    }

    @Test
    void noStrayWriteIsServed() throws IOException {
        var random = new Random(6);
        List<String> paths = new ArrayList<>(whole.files.files());
        paths.removeIf(path -> length(whole, path) < 1024);
        for (int i = 0; i < seeds(60); i++) {
            String from = paths.get(random.nextInt(paths.size()));
            String to = paths.get(i % paths.size());
            World world = copy();
            int source = random.nextInt(length(whole, from) / 512) * 512;
            int target = random.nextInt(length(whole, to) / 512) * 512;
            byte[] sector = new byte[512];
            System.arraycopy(
                    whole.files.bytes(from),
                    source,
                    sector,
                    0,
                    Math.min(512, length(whole, from) - source));
            world.files.damage(to, target, sector);
            serves(world, source + " of " + from + " written to " + target + " of " + to);
            done(world);
        }
    }

    @Test
    void noLostSectorIsServed() throws IOException {
        var random = new Random(7);
        List<String> paths = new ArrayList<>(whole.files.files());
        paths.removeIf(path -> length(whole, path) == 0);
        for (int i = 0; i < seeds(60); i++) {
            String path = paths.get(i % paths.size());
            int position = random.nextInt((length(whole, path) + 511) / 512) * 512;
            World world = copy();
            world.files.damage(path, position, new byte[512]);
            serves(world, "zeros at " + position + " of " + path);
            done(world);
        }
    }

    @Test
    void aBadBatchIsRefusedAndItsNeighboursAreServed() throws IOException {
        for (int number = 0; number < LOGS; number++) {
            int last = expected.get(number).get(11).length - 1;
            for (int at : new int[] {3, 10, 16, 20, 40, 61, last}) {
                damageOne(number, at);
            }
        }
    }

    @Test
    void aBadLeaderEpochIsRefused() throws IOException {
        assumeTrue(kit.checksLeaderEpochs(), "the engine does not check leader epochs");
        for (int number = 0; number < LOGS; number++) {
            damageOne(number, 14);
        }
    }

    /** Flips a bit of byte {@code at} of a batch, wherever its bytes are found. */
    private static String find(World world, byte[] batch, int at) throws IOException {
        var found = new ArrayList<String>();
        for (String path : world.files.files()) {
            byte[] bytes = world.files.bytes(path);
            for (int from = indexOf(bytes, batch, 0); from >= 0; ) {
                world.files.flipBit(path, from + at, 5);
                found.add(path + " at " + (from + at));
                from = indexOf(bytes, batch, from + 1);
            }
        }
        assumeFalse(found.isEmpty(), "the engine does not keep the bytes of a batch together");
        return found.toString();
    }

    private void damageOne(int number, int at) throws IOException {
        World world = copy();
        String where = find(world, expected.get(number).get(11), at);
        String what = "log " + number + ", byte " + at + " of a batch, " + where;
        world.open();
        LogStorage log = world.log(number, strongest());
        assertThatThrownBy(() -> log.read(11, Long.MAX_VALUE, 1).close(), what)
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining(World.id(number).toString());
        log.close();
        for (int other = 0; other < LOGS; other++) {
            int served = servedOf(world, other, what);
            assertThat(served)
                    .as(what + ": served of log " + other)
                    .isGreaterThanOrEqualTo(other == number ? 8 : 24);
        }
        done(world);
    }

    @Test
    void bytesThatChangeUnderAnOpenLogAreNotServed() throws IOException {
        for (int number = 0; number < LOGS; number++) {
            World world = copy().open();
            byte[] batch = expected.get(number).get(11);
            LogStorage log = world.log(number, strongest());
            String what = "log " + number + ", " + find(world, batch, 70);
            serves(log, 11, batch, what);
            for (int offset = 0; offset < 5; offset++) {
                assertThat(serves(log, offset, expected.get(number).get(offset), what))
                        .as(what + ", offset " + offset)
                        .isTrue();
            }
            done(world);
        }
    }

    @Test
    void whatCanBeMadeAnewIsMadeAnew() throws IOException {
        List<String> made = whole.files.files().stream().filter(kit::rebuilds).toList();
        assumeFalse(made.isEmpty(), "the engine declares no file that it can make anew");
        for (String path : made) {
            World lost = copy();
            lost.files.delete(path);
            assertThat(serves(lost, "without " + path)).as("without " + path).isTrue();
            done(lost);
            World torn = copy();
            torn.files.damage(path, length(torn, path) / 2, new byte[] {1, 2, 3, 4, 5});
            assertThat(serves(torn, "damaged " + path)).as("damaged " + path).isTrue();
            done(torn);
        }
    }

    private static int length(World world, String path) {
        try {
            return world.files.bytes(path).length;
        } catch (IOException absent) {
            throw new AssertionError(absent);
        }
    }

    private static int indexOf(byte[] all, byte[] part, int from) {
        for (int at = from; at + part.length <= all.length; at++) {
            if (all[at] == part[0]
                    && java.util.Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }
}
