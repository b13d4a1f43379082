// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.runtime.DiskFileLayer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

final class DataDirectoryTest {
    @TempDir Path folder;

    private DataDirectory open() throws Exception {
        return DataDirectory.open(new DiskFileLayer(folder), "data", 3, null, new Random(1));
    }

    @Test
    void keepsItsIdentity() throws Exception {
        String id;
        try (DataDirectory first = open()) {
            id = first.clusterId();
            assertThat(id).hasSize(22).matches("[A-Za-z0-9_][A-Za-z0-9_-]{21}");
        }
        try (DataDirectory again =
                DataDirectory.open(new DiskFileLayer(folder), "data", 3, null, new Random(2))) {
            assertThat(again.clusterId()).isEqualTo(id);
        }
    }

    @Test
    void isOwnedByOneProcess() throws Exception {
        try (DataDirectory _ = open()) {
            assertThatThrownBy(this::open)
                    .hasMessageContaining("the data directory data is in use by another Mortise");
        }
        open().close();
    }

    @Test
    void refusesANewerFormatNamingBothVersions() throws Exception {
        Files.writeString(
                folder.resolve("meta.properties"), "format.version=7\ncluster.id=x\nnode.id=3\n");
        assertThatThrownBy(this::open)
                .hasMessageContaining("format version 7")
                .hasMessageContaining("understands 1");
        Files.writeString(
                folder.resolve("meta.properties"), "format.version=1\ncluster.id=x\nnode.id=4\n");
        assertThatThrownBy(this::open)
                .hasMessageContaining("node 4")
                .hasMessageContaining("node 3");
    }
}
