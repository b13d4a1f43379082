// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.SimulatedFileLayer.Trouble;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Without troubles a file layer; with one, exactly that goes wrong, the same way each time. */
class SimulatedFileLayerTest extends FileLayerSuite {
    private final SimulatedFileLayer files = new SimulatedFileLayer(1);

    @Override
    protected FileLayer open() {
        return files;
    }

    @Test
    void theSameSeedMeetsTheSameTroubles() {
        List<String> first = history(7);
        assertThat(history(7)).isEqualTo(first);
        assertThat(history(8)).isNotEqualTo(first);
        assertThat(first).contains("ok").contains("IO_ERROR").contains("NO_SPACE");
    }

    private static List<String> history(long seed) {
        var layer =
                new SimulatedFileLayer(seed).on(Trouble.IO_ERROR, 100).on(Trouble.NO_SPACE, 100);
        var history = new ArrayList<String>();
        for (int i = 0; i < 200; i++) {
            try (StorageFile file = layer.open("a", OpenMode.WRITE)) {
                file.write(ByteBuffer.allocate(10), 0);
                history.add("ok");
            } catch (IOException failure) {
                String message = String.valueOf(failure.getMessage());
                history.add(message.contains("No space") ? "NO_SPACE" : "IO_ERROR");
            }
        }
        return history;
    }

    @Test
    void nothingGoesWrongOnceItIsSwitchedOff() throws IOException {
        for (Trouble trouble : Trouble.values()) {
            files.on(trouble, 1000).off(trouble);
        }
        files.on(Trouble.IO_ERROR, 1000).calm();
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            file.write(filled(3000, 1), 0);
            file.force();
        }
        assertThat(files.bytes("a")).containsOnly(1).hasSize(3000);
        for (Trouble trouble : Trouble.values()) {
            assertThat(files.happened(trouble)).isZero();
        }
    }

    @Test
    void aShortWriteLeavesAPart() throws IOException {
        StorageFile file = files.open("a", OpenMode.CREATE_NEW);
        files.on(Trouble.SHORT_WRITE, 1000);
        assertThatThrownBy(() -> file.write(filled(1000, 1), 0))
                .hasMessageContaining("Input/output error");
        assertThat(files.bytes("a")).hasSizeLessThan(1000).doesNotContain(0);
        assertThat(files.happened(Trouble.SHORT_WRITE)).isEqualTo(1);
    }

    @Test
    void aSlowDiskMovesTheClock() throws IOException {
        var clock = new FakeClock();
        long before = clock.nanoTime();
        files.slow(clock, 1_000_000).on(Trouble.SLOW, 1000);
        for (int i = 0; i < 100; i++) {
            files.open("a", OpenMode.WRITE).close();
        }
        assertThat(clock.nanoTime() - before).isBetween(1_000_000L, 100_000_000L);
    }

    @Test
    void aFlippedBitIsOnTheMedium() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            files.forceDirectory("");
            file.write(filled(1000, 0), 0);
            files.on(Trouble.BIT_FLIP, 1000);
            file.force();
        }
        assertThat(bitsSet(files.bytes("a"))).isEqualTo(1);
        files.crash();
        assertThat(bitsSet(files.bytes("a"))).isEqualTo(1);
    }

    @Test
    void aMisdirectedWriteGoesToAnotherSector() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            file.write(filled(512 * 100, 0), 0);
            files.on(Trouble.MISDIRECTED_WRITE, 1000);
            file.write(filled(512, 1), 0);
        }
        byte[] bytes = files.bytes("a");
        assertThat(bitsSet(bytes)).isEqualTo(512);
        assertThat(bytes[0]).isZero();
    }

    @Test
    void aFailedForceDropsWhatWasDirty() throws IOException {
        Set<Byte> seen = new HashSet<>();
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            files.forceDirectory("");
            file.write(filled(512 * 20, 1), 0);
            file.force();
            file.write(filled(512 * 20, 2), 0);
            files.on(Trouble.FAILED_FORCE, 1000);
            assertThatThrownBy(file::force).hasMessageContaining("Input/output error");
            files.calm();
            for (byte each : files.bytes("a")) {
                seen.add(each);
            }
            file.force();
        }
        assertThat(seen).containsExactlyInAnyOrder((byte) 1, (byte) 2);
        files.crash();
        assertThat(files.bytes("a")).containsOnly(1);
    }

    @Test
    void sectorsMayReachTheMediumInAnyOrderBeforeTheyAreForced() throws IOException {
        Set<String> found = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            var layer = new SimulatedFileLayer(seed).on(Trouble.EARLY_WRITE_BACK, 1000);
            try (StorageFile file = layer.open("a", OpenMode.CREATE_NEW)) {
                layer.forceDirectory("");
                file.write(filled(512, 0), 0);
                file.force();
                file.write(filled(512, 1), 0);
                file.write(filled(512, 2), 0);
            }
            layer.crash();
            found.add(Arrays.toString(new byte[] {layer.bytes("a")[0]}));
        }
        assertThat(found).containsExactlyInAnyOrder("[0]", "[1]", "[2]");
    }

    @Test
    void aTestMaySayWhatSurvives() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            files.forceDirectory("");
            file.write(filled(2048, 1), 0);
        }
        files.open("b", OpenMode.CREATE_NEW).close();
        files.crash(
                new Survival() {
                    @Override
                    public int names(int unforced) {
                        return unforced;
                    }

                    @Override
                    public int size(String path, int forcedSize, int size) {
                        return size;
                    }

                    @Override
                    public boolean sector(String path, int sector) {
                        return sector % 2 == 1;
                    }
                });
        assertThat(files.files()).containsExactly("a", "b");
        byte[] bytes = files.bytes("a");
        assertThat(bytes).hasSize(2048);
        for (int i = 0; i < 2048; i++) {
            assertThat(bytes[i]).isEqualTo((byte) (i / 512 % 2));
        }
    }

    @Test
    void aCopyHasItsOwnLife() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            files.forceDirectory("");
            file.write(filled(10, 1), 0);
            file.force();
            file.write(filled(10, 2), 0);
            files.open("b", OpenMode.CREATE_NEW).close();
        }
        var copy = new VolatileFileLayer();
        copy.takeOver(files);
        assertThat(copy.bytes("a")).containsOnly(2);
        assertThat(copy.files()).containsExactly("a", "b");
        copy.crash();
        assertThat(copy.bytes("a")).containsOnly(1);
        assertThat(copy.files()).containsExactly("a");
        assertThat(files.bytes("a")).containsOnly(2);
    }

    @Test
    void openFilesAreCounted() throws IOException {
        StorageFile first = files.open("a", OpenMode.WRITE);
        files.open("a", OpenMode.READ);
        assertThat(files.openFiles()).isEqualTo(2);
        first.close();
        first.close();
        assertThat(files.openFiles()).isEqualTo(1);
        files.killProcess();
        assertThat(files.openFiles()).isZero();
    }

    private static ByteBuffer filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    private static int bitsSet(byte[] bytes) {
        int bits = 0;
        for (byte each : bytes) {
            bits += Integer.bitCount(each & 0xFF);
        }
        return bits;
    }
}
