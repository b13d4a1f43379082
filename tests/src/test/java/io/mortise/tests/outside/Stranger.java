// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A developer with Maven, a folder outside of this tree, and Mortise's artifacts in a repository of
 * files; a local repository of its own, so that nothing is found that was not deployed.
 */
final class Stranger {
    private static final long TIMEOUT_SECONDS = 300;
    private static final String ARCHETYPE_PLUGIN =
            "org.apache.maven.plugins:maven-archetype-plugin:3.4.1:generate";

    private final Path folder;
    private final Path root = Path.of(System.getProperty("mortise.root"));
    private final String version = System.getProperty("mortise.version");
    private final List<String> settings;

    Stranger(Path folder) throws Exception {
        this.folder = folder;
        this.settings =
                List.of(
                        "-s",
                        resource("settings.xml"),
                        "-Dmaven.repo.local=" + folder.resolve("local"),
                        "-Dmortise.repository=" + root.resolve("target/repository"),
                        "-Dfetched.repository="
                                + Path.of(System.getProperty("user.home"), ".m2/repository"));
        clear(root.resolve("target/repository"));
        maven(
                folder,
                "-f",
                resource("deploy.xml"),
                "-Dmortise.root=" + root,
                "-Dmortise.version=" + version,
                "validate");
    }

    private static String resource(String name) throws Exception {
        return Path.of(Objects.requireNonNull(Stranger.class.getResource(name)).toURI()).toString();
    }

    /** A new project of that kind, built and tested by its own tests. */
    Path plugin(String kind, String artifactId) throws Exception {
        maven(
                folder,
                ARCHETYPE_PLUGIN,
                "-DarchetypeGroupId=io.mortise",
                "-DarchetypeArtifactId=mortise-plugin-archetype",
                "-DarchetypeVersion=" + version,
                "-DgroupId=com.example",
                "-DartifactId=" + artifactId,
                "-Dpackage=com.example." + kind,
                "-Dkind=" + kind);
        Path project = folder.resolve(artifactId);
        assertThat(project.resolve("kinds")).doesNotExist();
        assertThat(project.resolve("README.md")).content().contains(artifactId);
        maven(project, "verify");
        return project.resolve("target/" + artifactId + "-1.0.0.jar");
    }

    private void maven(Path directory, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("mvn", "-B", "-q"));
        command.addAll(settings);
        Collections.addAll(command, words);
        Path output = Files.createTempFile(folder, "maven", ".log");
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("MAVEN_OPTS", "-Xmx256m -XX:TieredStopAtLevel=1");
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        Process process = builder.start();
        boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0)
                .as("%s said:%n%s", command, Files.readString(output))
                .isTrue();
    }

    private static void clear(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var files = Files.walk(directory)) {
                for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
