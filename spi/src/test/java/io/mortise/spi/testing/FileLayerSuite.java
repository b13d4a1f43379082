// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;

/** What every {@link FileLayer} does, real or simulated. */
public abstract class FileLayerSuite {
    private FileLayer files;

    /** A layer over an empty directory. */
    protected abstract FileLayer open() throws IOException;

    @BeforeEach
    void openLayer() throws IOException {
        files = open();
    }

    @Test
    void readsWhatWasWrittenAtAnyPosition() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            file.write(bytes("world"), 6);
            file.write(bytes("hello "), 0);
            assertThat(file.size()).isEqualTo(11);
            assertThat(text(file, 0, 100)).isEqualTo("hello world");
            assertThat(text(file, 4, 3)).isEqualTo("o w");
            assertThat(file.path()).isEqualTo("a");
        }
    }

    @Test
    void saysWhereTheFileEnds() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            file.write(bytes("abc"), 0);
            assertThat(file.read(ByteBuffer.allocate(10), 1)).isEqualTo(2);
            assertThat(file.read(ByteBuffer.allocate(10), 3)).isEqualTo(-1);
            assertThat(file.read(ByteBuffer.allocate(10), 99)).isEqualTo(-1);
        }
    }

    @Test
    void gathersSeveralBuffersInOrder() throws IOException {
        ByteBuffer[] parts = new ByteBuffer[3000];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = bytes(Integer.toString(i % 10));
        }
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            file.write(parts, 5);
            assertThat(file.size()).isEqualTo(3005);
            assertThat(text(file, 2995, 10)).isEqualTo("0123456789");
            assertThat(parts[2999].hasRemaining()).isFalse();
        }
    }

    @Test
    void fillsAHoleWithZeros() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            file.write(bytes("x"), 4);
            assertThat(text(file, 0, 5)).isEqualTo("\0\0\0\0x");
        }
    }

    @Test
    void truncateCutsAndGrowsWithZeros() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            file.write(bytes("abcdef"), 0);
            file.truncate(2);
            assertThat(file.size()).isEqualTo(2);
            file.truncate(5);
            assertThat(text(file, 0, 9)).isEqualTo("ab\0\0\0");
        }
    }

    @Test
    void allocateNeverTouchesWhatIsThere() throws IOException {
        try (StorageFile file = files.open("a", OpenMode.CREATE_NEW)) {
            file.write(bytes("abc"), 0);
            file.allocate(3_000_000);
            file.allocate(10);
            assertThat(file.size()).isEqualTo(3_000_000);
            assertThat(text(file, 0, 5)).isEqualTo("abc\0\0");
            file.force();
        }
    }

    @Test
    void openModesAreKept() throws IOException {
        assertThatThrownBy(() -> files.open("a", OpenMode.READ))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> files.open("none/a", OpenMode.WRITE))
                .isInstanceOf(NoSuchFileException.class);
        write("a", "1");
        assertThatThrownBy(() -> files.open("a", OpenMode.CREATE_NEW))
                .isInstanceOf(FileAlreadyExistsException.class);
        try (StorageFile kept = files.open("a", OpenMode.WRITE)) {
            assertThat(text(kept, 0, 9)).isEqualTo("1");
        }
        try (StorageFile readOnly = files.open("a", OpenMode.READ)) {
            assertThatThrownBy(() -> readOnly.write(bytes("2"), 0))
                    .isInstanceOf(NonWritableChannelException.class);
        }
    }

    @Test
    void listsNamesSortedAndNothingForAnAbsentDirectory() throws IOException {
        files.createDirectories("d/sub");
        write("d/b", "");
        write("d/a", "");
        write("d/sub/c", "");
        assertThat(files.list("d")).containsExactly("a", "b", "sub");
        assertThat(files.list("")).contains("d");
        assertThat(files.list("absent")).isEmpty();
        assertThat(files.exists("d/sub")).isTrue();
        assertThat(files.exists("d/sub/c")).isTrue();
        assertThat(files.exists("d/c")).isFalse();
    }

    @Test
    void renameReplaces() throws IOException {
        write("a", "new");
        write("b", "old");
        files.rename("a", "b");
        files.forceDirectory("");
        assertThat(files.exists("a")).isFalse();
        assertThat(read("b")).isEqualTo("new");
        assertThatThrownBy(() -> files.rename("absent", "b"))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void anOpenFileOutlivesItsName() throws IOException {
        write("a", "kept");
        write("b", "other");
        try (StorageFile file = files.open("a", OpenMode.READ)) {
            files.rename("b", "a");
            assertThat(text(file, 0, 9)).isEqualTo("kept");
            files.delete("a");
            assertThat(text(file, 0, 9)).isEqualTo("kept");
        }
        assertThat(files.exists("a")).isFalse();
    }

    @Test
    void deleteIsNoErrorWhereNothingIsAndRefusesFullDirectories() throws IOException {
        files.delete("absent");
        files.createDirectories("d");
        write("d/a", "");
        assertThatThrownBy(() -> files.delete("d")).isInstanceOf(IOException.class);
        files.delete("d/a");
        files.delete("d");
        assertThat(files.exists("d")).isFalse();
    }

    @Test
    void refusesPathsThatLeadOutside() {
        for (String path : new String[] {"../a", "d/../../a", "/a", "a//b", "./a"}) {
            assertThatThrownBy(() -> files.open(path, OpenMode.WRITE))
                    .as(path)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aLockIsExclusiveUntilItIsClosed() throws IOException {
        Registration lock = files.lock("lock");
        assertThatThrownBy(() -> files.lock("lock"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("locked");
        lock.close();
        lock.close();
        files.lock("lock").close();
    }

    @Test
    void aClosedFileIsRefused() throws IOException {
        StorageFile file = files.open("a", OpenMode.WRITE);
        file.close();
        file.close();
        assertThatThrownBy(() -> file.write(bytes("x"), 0)).isInstanceOf(IOException.class);
        assertThat(files.usableBytes()).isPositive();
    }

    private void write(String path, String text) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.WRITE)) {
            file.write(bytes(text), 0);
            file.force();
        }
    }

    private String read(String path) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            return text(file, 0, 1000);
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static String text(StorageFile file, long position, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        int read = file.read(target, position);
        return new String(Arrays.copyOf(target.array(), Math.max(0, read)), UTF_8);
    }
}
