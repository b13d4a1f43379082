// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;

final class SecretFileTest {
    @TempDir Path folder;

    @Test
    void isMadeOnceForItsOwnerAlone() throws Exception {
        Path path = folder.resolve("admin.token");
        String secret = SecretFile.readOrCreate(path, new Random(1));
        assertThat(secret).hasSize(43);
        assertThat(permissions(path)).isEqualTo("rw-------");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(SecretFile.readOrCreate(path, new Random(2))).isEqualTo(secret);
        assertThat(permissions(path)).isEqualTo("rw-------");
    }

    private static String permissions(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
