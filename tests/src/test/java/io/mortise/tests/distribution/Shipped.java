// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The directory that distribution/ assembled. */
public final class Shipped {
    private Shipped() {}

    /** Fails where there is none: these tests run behind the package phase ({@code mvn verify}). */
    public static Path home() {
        Path root = Path.of(System.getProperty("mortise.root"));
        Path home =
                root.resolve(
                        "distribution/target/mortise-" + System.getProperty("mortise.version"));
        assertThat(home.resolve("bin/mortise"))
                .as("the distribution, run mvn verify")
                .isExecutable();
        return home;
    }

    public static List<Path> bundles() {
        return jars("plugins");
    }

    public static List<Path> jars(String folder) {
        try (Stream<Path> files = Files.list(home().resolve(folder))) {
            return files.filter(it -> it.toString().endsWith(".jar")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
