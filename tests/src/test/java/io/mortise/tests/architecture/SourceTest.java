// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Every source file of the tree: header, names, nothing left unfinished. */
final class SourceTest {
    private static final Path ROOT = Path.of(System.getProperty("mortise.root"));
    private static final Set<String> NOT_OURS =
            Set.of("target", ".git", ".idea", ".vscode", "data", "run");
    private static final Set<String> SUFFIXES =
            Set.of(".java", ".xml", ".sh", ".yaml", ".yml", ".properties");

    /** Becomes somebody else's project, under a licence of theirs. */
    private static final String TEMPLATES = "/archetype-resources/";

    private static Map<String, String> files = Map.of();

    @BeforeAll
    static void read() throws IOException {
        Map<String, String> found = new TreeMap<>();
        Files.walkFileTree(
                ROOT,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes any) {
                        return NOT_OURS.contains(folder.getFileName().toString())
                                ? FileVisitResult.SKIP_SUBTREE
                                : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes any)
                            throws IOException {
                        String name = file.getFileName().toString();
                        if (SUFFIXES.stream().anyMatch(name::endsWith)) {
                            found.put(ROOT.relativize(file).toString(), Files.readString(file));
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        files = found;
    }

    @Test
    void statesOwnerAndLicence() {
        assertThat(files).containsKey("pom.xml");
        assertThat(files.entrySet())
                .filteredOn(it -> !it.getKey().contains(TEMPLATES))
                .flatMap(it -> SourceRules.header(it.getKey(), it.getValue()))
                .isEmpty();
    }

    @Test
    void namesThingsAndLeavesNothingUnfinished() {
        assertThat(java("").entrySet())
                .flatMap(it -> SourceRules.java(it.getKey(), it.getValue()))
                .isEmpty();
    }

    @Test
    void marksEachPackageForNulls() {
        assertThat(SourceRules.nullMarked(java("/src/main/java/"))).isEmpty();
    }

    private static Map<String, String> java(String within) {
        List<String> paths =
                files.keySet().stream()
                        .filter(it -> it.endsWith(".java") && it.contains(within))
                        .toList();
        return paths.stream().collect(Collectors.toMap(it -> it, files::get));
    }
}
