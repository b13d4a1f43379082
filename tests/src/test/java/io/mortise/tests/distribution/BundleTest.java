// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;

/**
 * Every shipped bundle is closed: it carries what it needs and asks only for what the broker
 * offers.
 */
final class BundleTest {
    private static final Pattern MINOR_RANGE =
            Pattern.compile(";version=\"\\[0\\.(\\d+),0\\.(\\d+)\\)\"$");

    private static final Pattern HEADER_CLAUSE =
            Pattern.compile("(?:[^,\"]|\"[^\"]*\")+"); // commas within quotes do not end a clause

    static List<Path> bundles() {
        return Shipped.bundles();
    }

    @Test
    void thereAreEightOfThem() {
        assertThat(Shipped.bundles()).hasSize(8);
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void exportsNothing(Path bundle) throws IOException {
        assertThat(header(bundle, "Export-Package")).isNull();
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void takesTheMinorVersionOfTheSpiItWasBuiltWith(Path bundle) throws IOException {
        assertThat(imports(bundle))
                .filteredOn(it -> it.startsWith("io.mortise."))
                .isNotEmpty()
                .allMatch(it -> it.startsWith("io.mortise.spi"))
                .allMatch(BundleTest::takesOneMinorVersion);
    }

    private static boolean takesOneMinorVersion(String clause) {
        Matcher range = MINOR_RANGE.matcher(clause);
        return range.find()
                && Integer.parseInt(range.group(1)) + 1 == Integer.parseInt(range.group(2));
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void importsOfOthersOnlyNettyAndSlf4jByRange(Path bundle) throws IOException {
        assertThat(imports(bundle))
                .filteredOn(it -> !it.contains("resolution:=optional"))
                .filteredOn(it -> !it.startsWith("io.mortise.spi"))
                .allMatch(
                        it ->
                                it.matches("io\\.netty\\..*;version=\"\\[4\\.2,4\\.3\\)\"")
                                        || it.matches("org\\.slf4j.*;version=\"\\[1\\.7,3\\)\""));
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void carriesNoSecondCopyOfWhatTheBrokerOffers(Path bundle) throws IOException {
        try (JarFile jar = new JarFile(bundle.toFile())) {
            assertThat(jar.stream().map(ZipEntry::getName))
                    .noneMatch(it -> it.matches("lib/(netty|slf4j|mortise)-.*"));
        }
    }

    @ParameterizedTest
    @MethodSource("bundles")
    void describesItselfAndNamesAProvider(Path bundle) throws IOException {
        try (JarFile jar = new JarFile(bundle.toFile())) {
            ZipEntry descriptor = jar.getEntry("META-INF/mortise/plugin.json");
            assertThat(descriptor).as("META-INF/mortise/plugin.json").isNotNull();
            try (InputStream in = jar.getInputStream(descriptor)) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("\"" + System.getProperty("mortise.version") + "\"")
                        .doesNotContain("${");
            }
            assertThat(jar.stream().map(ZipEntry::getName))
                    .anyMatch(it -> it.matches("META-INF/services/io\\.mortise\\.spi\\..+"));
        }
    }

    private static List<String> imports(Path bundle) throws IOException {
        String header = header(bundle, "Import-Package");
        return header == null
                ? List.of()
                : HEADER_CLAUSE.matcher(header).results().map(it -> it.group()).toList();
    }

    private static @org.jspecify.annotations.Nullable String header(Path bundle, String name)
            throws IOException {
        try (JarFile jar = new JarFile(bundle.toFile())) {
            return jar.getManifest().getMainAttributes().getValue(new Attributes.Name(name));
        }
    }
}
