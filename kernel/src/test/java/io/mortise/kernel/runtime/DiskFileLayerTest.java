// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.FileLayerSuite;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** The real files are a file layer. */
class DiskFileLayerTest extends FileLayerSuite {
    @TempDir private Path directory;

    @Override
    protected FileLayer open() throws IOException {
        return new DiskFileLayer(directory.resolve("new/root"));
    }

    @Test
    void offersAChannelForZeroCopy() throws IOException {
        try (StorageFile file = open().open("a", OpenMode.WRITE)) {
            assertThat(file.channel()).isNotNull();
        }
    }

    @Test
    void aLayerBelowSeesItsOwnDirectoryOnly() throws IOException {
        var layer = new DiskFileLayer(directory);
        try (StorageFile file = layer.below("segment").open("a", OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[3]), 0);
        }
        assertThat(Files.size(directory.resolve("segment/a"))).isEqualTo(3);
        assertThat(layer.list("segment")).containsExactly("a");
    }

    @Test
    void aFailedWriteNamesFileSizeAndRoom() throws IOException {
        var layer = new DiskFileLayer(Path.of("/dev"));
        try (StorageFile full = layer.open("full", OpenMode.WRITE)) {
            assertThatThrownBy(() -> full.write(ByteBuffer.allocate(10), 0))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("/dev/full")
                    .hasMessageContaining("10 bytes")
                    .hasMessageContaining("No space left on device");
        }
    }
}
