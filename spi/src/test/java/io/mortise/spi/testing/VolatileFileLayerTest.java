// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/** The volatile layer is a file layer, and forgets what a power loss forgets. */
class VolatileFileLayerTest extends FileLayerSuite {
    private final VolatileFileLayer files = new VolatileFileLayer();

    @Override
    protected FileLayer open() {
        return files;
    }

    @Test
    void forgetsBytesThatWereNotForced() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            files.forceDirectory("");
            write(file, "forced", 0);
            file.force();
            write(file, "FORGOTTEN", 0);
        }
        files.crash();
        assertThat(read("a")).isEqualTo("forced");
    }

    @Test
    void forgetsNamesThatWereNotForced() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            write(file, "x", 0);
            file.force();
        }
        files.crash();
        assertThat(files.exists("a")).isFalse();
    }

    @Test
    void undoesRenamesAndDeletionsThatWereNotForced() throws IOException {
        for (String name : new String[] {"a", "b"}) {
            try (StorageFile file = files.open(name, OpenMode.CREATE_NEW)) {
                write(file, name, 0);
                file.force();
            }
        }
        files.forceDirectory("");
        files.rename("a", "c");
        files.delete("b");
        files.crash();
        assertThat(files.files()).containsExactly("a", "b");
        files.rename("a", "b");
        files.forceDirectory("");
        files.crash();
        assertThat(files.files()).containsExactly("b");
        assertThat(read("b")).isEqualTo("a");
    }

    @Test
    void directoriesAreDurableAtOnce() throws IOException {
        files.createDirectories("d/e");
        files.crash();
        assertThat(files.exists("d/e")).isTrue();
    }

    @Test
    void aCrashKillsOpenFilesAndFreesLocks() throws IOException {
        StorageFile file = files.open("a", OpenMode.CREATE_NEW);
        files.lock("lock");
        files.crash();
        assertThatThrownBy(() -> write(file, "x", 0)).isInstanceOf(IOException.class);
        files.lock("lock").close();
    }

    @Test
    void aKilledProcessForgetsNothing() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            write(file, "x", 0);
        }
        files.killProcess();
        assertThat(read("a")).isEqualTo("x");
    }

    @Test
    void withASeedSomeOfTheUnforcedSurvives() throws IOException {
        Set<String> seen = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            var layer = new VolatileFileLayer(seed);
            try (StorageFile file = layer.open("a", OpenMode.CREATE_NEW)) {
                layer.forceDirectory("");
                write(file, "1".repeat(1024), 0);
                file.force();
                write(file, "2".repeat(1024), 0);
            }
            layer.crash();
            try (StorageFile file = layer.open("a", OpenMode.READ)) {
                ByteBuffer all = ByteBuffer.allocate(1024);
                assertThat(file.read(all, 0)).isEqualTo(1024);
                seen.add("" + (char) all.get(0) + (char) all.get(600));
            }
        }
        assertThat(seen).containsExactlyInAnyOrder("11", "12", "21", "22");
    }

    @Test
    void aFullDiskRefusesToGrow() throws IOException {
        files.capacityBytes(10);
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            write(file, "0123456789", 0);
            assertThatThrownBy(() -> write(file, "x", 10))
                    .hasMessageContaining("No space left on device");
            write(file, "x", 3);
        }
    }

    @Test
    void faultsStopAnOperation() throws IOException {
        StorageFile file = files.open("a", OpenMode.CREATE_NEW);
        files.faults(
                (operation, path) -> {
                    if (operation == VolatileFileLayer.Operation.FORCE) {
                        throw new IOException("injected on " + path);
                    }
                });
        write(file, "x", 0);
        assertThatThrownBy(file::force).hasMessage("injected on a");
    }

    private static void write(StorageFile file, String text, long position) throws IOException {
        file.write(ByteBuffer.wrap(text.getBytes(UTF_8)), position);
    }

    private String read(String path) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            var ignored = file.read(all, 0);
            return new String(all.array(), UTF_8);
        }
    }
}
