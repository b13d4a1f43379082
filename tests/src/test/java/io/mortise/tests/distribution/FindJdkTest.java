// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The launcher takes the first JDK that is new enough, and an old JAVA_HOME is no error. */
final class FindJdkTest {
    private static final Path SCRIPT =
            Path.of(System.getProperty("mortise.root"), "distribution/src/main/bin/find-jdk");

    @TempDir Path folder;

    @Test
    void takesJavaHomeFirst() throws Exception {
        Path jdk = jdk("twenty-six", "26.0.1");
        assertThat(find(jdk)).isEqualTo(jdk.toString());
    }

    @Test
    void skipsAJavaHomeThatIsTooOldOrNoJdk() throws Exception {
        String found = find(jdk("seventeen", "17.0.15"));
        assertThat(found).isNotEmpty().doesNotContain("seventeen");
        assertThat(find(folder.resolve("absent"))).isEqualTo(found);
    }

    @Test
    void readsTheVersionOfAnEarlyRelease() throws Exception {
        Path jdk = jdk("first", "25");
        assertThat(find(jdk)).isEqualTo(jdk.toString());
    }

    /** The test's own JVM is on PATH, so that something is found on every machine. */
    private static String find(Path javaHome) throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder("bash", SCRIPT.toString());
        command.environment().put("JAVA_HOME", javaHome.toString());
        command.environment()
                .merge(
                        "PATH",
                        System.getProperty("java.home") + "/bin",
                        (old, own) -> own + ":" + old);
        Process process = command.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output.strip();
    }

    private Path jdk(String name, String version) throws IOException {
        Path jdk = folder.resolve(name);
        Files.createDirectories(jdk.resolve("bin"));
        Path java = Files.createFile(jdk.resolve("bin/java"));
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return jdk;
    }
}
