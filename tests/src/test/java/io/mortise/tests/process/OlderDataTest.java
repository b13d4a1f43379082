// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * What an older release kept is served by this one: the data directory of each release, as {@link
 * KeptData} filled it and SIGKILL left it, lies in {@code src/test/data}. The newest state is among
 * them, made by the test itself. {@code .ci/fixture} adds a release's.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class OlderDataTest {
    private static final Path KEPT = Path.of("src", "test", "data");
    private static final Set<String> MADE_ANEW = Set.of("cache", "bundle-cache");
    private static final String NEWEST = "this build";

    @TempDir private Path directory;
    private BrokerProcess broker;

    @BeforeAll
    static void tools() {
        Tool.need("mosquitto_pub", "mosquitto_sub");
    }

    static Stream<String> releases() throws IOException {
        try (Stream<Path> files = Files.list(KEPT)) {
            List<String> kept =
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".zip"))
                            .sorted()
                            .toList();
            return Stream.concat(kept.stream(), Stream.of(NEWEST));
        }
    }

    @ParameterizedTest
    @MethodSource("releases")
    void whatAReleaseKeptIsServed(String release) throws Exception {
        Path zip = release.equals(NEWEST) ? fill() : KEPT.resolve(release);
        broker = new BrokerProcess(directory.resolve("later"));
        unzip(zip, broker.data());
        broker.start();
        KeptData data = new KeptData(broker);
        data.check();

        broker.stop();
        broker.start();
        data.checkAgain();
        assertThat(broker.command("storage", "check")).doesNotContainIgnoringCase("damaged");
    }

    /** Fills a new broker; {@code -Dmortise.fixture=FILE} keeps what it left. */
    private Path fill() throws Exception {
        Path zip = directory.resolve("data.zip");
        try (BrokerProcess first = new BrokerProcess(directory.resolve("first"))) {
            first.start();
            KeptData data = new KeptData(first);
            data.fill();
            first.stop();
            first.start();
            data.fillMore();
            first.kill();
            zip(first.data(), zip);
        }
        String keep = System.getProperty("mortise.fixture", "");
        if (!keep.isEmpty()) {
            Files.copy(zip, Path.of(keep));
        }
        return zip;
    }

    private static void zip(Path from, Path to) throws IOException {
        try (var out = new ZipOutputStream(Files.newOutputStream(to));
                Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                Path name = from.relativize(file);
                if (!MADE_ANEW.contains(name.getName(0).toString())) {
                    out.putNextEntry(new ZipEntry(name.toString()));
                    Files.copy(file, out);
                    out.closeEntry();
                }
            }
        }
    }

    private static void unzip(Path from, Path to) throws IOException {
        try (var zip = new ZipFile(from.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path file = to.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                try (InputStream in = zip.getInputStream(entry)) {
                    Files.copy(in, file);
                }
            }
        }
    }

    @AfterEach
    void close() throws InterruptedException {
        if (broker != null) {
            broker.close();
        }
    }
}
