// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

/** bin/mortise around programs that print what they were given: arguments, JVM flags, AOT cache. */
final class LauncherTest {
    private static final Path SCRIPTS =
            Path.of(System.getProperty("mortise.root"), "distribution/src/main/bin");

    @TempDir Path folder;
    private Path home = Path.of("");
    private Path data = Path.of("");

    private record Run(int exit, String output) {}

    @BeforeEach
    void installFakes() throws IOException {
        home = folder.resolve("a home with blanks");
        data = folder.resolve("data");
        Files.createDirectories(home.resolve("bin"));
        for (String script : List.of("mortise", "find-jdk")) {
            Path copy = Files.copy(SCRIPTS.resolve(script), home.resolve("bin").resolve(script));
            assertThat(copy.toFile().setExecutable(true)).isTrue();
        }
        program("kernel");
        program("cli");
    }

    @Test
    void startGivesTheBrokerItsDirectoriesAndTheRest() throws Exception {
        Run run = mortise("off", "start", "--data", data.toString(), "--verbose");
        assertThat(run.exit()).isZero();
        assertThat(run.output())
                .contains(
                        "kernel[start, --conf, %s/conf, --data, %s, --plugins, %s/plugins, --verbose]"
                                .formatted(home, data, home))
                .contains("--enable-native-access=ALL-UNNAMED")
                .doesNotContain("-XX:AOTCache");
    }

    @Test
    void everyOtherWordGoesToTheCommandLine() throws Exception {
        Run run = mortise("off", "topic", "create", "a b");
        assertThat(run.exit()).isZero();
        assertThat(run.output())
                .contains("cli[topic, create, a b]")
                .contains("-Dmortise.data=" + home + "/data");
    }

    @Test
    void anOptionWithoutItsDirectoryIsRefused() throws Exception {
        Run run = mortise("off", "start", "--data");
        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.output()).contains("--data wants a directory").doesNotContain("kernel[");
    }

    /** In one test, since each cache takes the JVM seconds to write. */
    @Test
    void aStartWithoutAnAotCacheHasOneMadeForTheNext() throws Exception {
        Run first = start();
        assertThat(first.exit()).isZero();
        assertThat(first.output()).contains("kernel[start").doesNotContain("-XX:AOTCache");
        Path cache = awaitCache();
        Run using = start();
        assertThat(using.exit()).isZero();
        assertThat(using.output()).contains("-XX:AOTCache=" + cache);

        Files.writeString(cache, "no cache at all");
        Run broken = start();
        assertThat(broken.exit()).isZero();
        assertThat(broken.output()).contains("kernel[start").contains("-XX:AOTCache=");

        program("kernel", "more.jar");
        assertThat(start().output()).as("another class path").doesNotContain("-XX:AOTCache");
        assertThat(awaitCache()).isNotEqualTo(cache);
    }

    @Test
    void oneCacheIsMadeAtATime() throws Exception {
        start();
        Path cache = awaitCache();
        Files.delete(cache);
        Path busy = Files.createDirectory(Path.of(cache + ".training"));
        assertThat(start().output()).contains("kernel[start").doesNotContain("-XX:AOTCache");
        assertThat(busy).isDirectory();
        assertThat(cache).doesNotExist();
    }

    private Path awaitCache() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (System.nanoTime() < deadline) {
            try (Stream<Path> files = Files.list(data.resolve("cache"))) {
                List<Path> found = files.toList();
                if (found.size() == 1 && found.getFirst().toString().endsWith(".aot")) {
                    return found.getFirst();
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new AssertionError("no AOT cache was made");
    }

    private Run start() throws IOException, InterruptedException {
        return mortise("on", "start", "--data", data.toString());
    }

    private Run mortise(String aot, String... words) throws IOException, InterruptedException {
        ProcessBuilder command = new ProcessBuilder(home.resolve("bin/mortise").toString());
        command.command().addAll(List.of(words));
        command.environment().put("JAVA_HOME", System.getProperty("java.home"));
        command.environment().keySet().removeIf(it -> it.startsWith("MORTISE_"));
        command.environment().put("MORTISE_AOT", aot);
        Process process = command.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }

    private void program(String name) throws IOException {
        program(name, name + ".jar");
    }

    /** A jar with io.mortise.NAME.Main, which prints its arguments and the flags of its JVM. */
    private void program(String name, String jar) throws IOException {
        Path sources = Files.createDirectories(folder.resolve("sources/" + name));
        Path source =
                Files.writeString(
                        sources.resolve("Main.java"),
                        """
                        package io.mortise.%1$s;
                        public class Main {
                            public static void main(String[] words) throws Exception {
                                System.out.println("%1$s" + java.util.List.of(words));
                                System.out.println(java.lang.management.ManagementFactory
                                        .getRuntimeMXBean().getInputArguments());
                            }
                        }
                        """
                                .formatted(name));
        int result =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", sources.toString(), source.toString());
        assertThat(result).isZero();
        Path lib = Files.createDirectories(home.resolve("lib/" + name));
        Files.createDirectories(home.resolve("lib/kernel"));
        String entry = "io/mortise/" + name + "/Main.class";
        try (OutputStream out = Files.newOutputStream(lib.resolve(jar));
                JarOutputStream classes = new JarOutputStream(out)) {
            classes.putNextEntry(new JarEntry(entry));
            Files.copy(sources.resolve(entry), classes);
            classes.closeEntry();
        }
    }
}
