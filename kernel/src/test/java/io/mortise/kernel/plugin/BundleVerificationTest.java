// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.runtime.DiskFileLayer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

class BundleVerificationTest {
    private static final String SERVICE = "io.mortise.spi.protocol.ProtocolProvider";
    private static final String LIST = "META-INF/THIRD-PARTY.txt";

    @TempDir Path directory;

    @Test
    void aGoodBundleHasNone() throws Exception {
        assertThat(findings(good())).isEmpty();
    }

    @Test
    void aProviderMayInheritItsContract() throws Exception {
        TestBundle bundle =
                good().source(
                                "toy.Child",
                                "package toy; public final class Child extends Parent {}")
                        .source(
                                "toy.Parent",
                                """
                                package toy;
                                abstract class Parent implements Contract {
                                    public io.mortise.spi.protocol.Protocol start(
                                            io.mortise.spi.protocol.ProtocolContext context) {
                                        throw new IllegalStateException();
                                    }
                                }
                                """)
                        .source(
                                "toy.Contract",
                                "package toy; interface Contract extends " + SERVICE + " {}")
                        .provider("toy.Child");
        assertThat(findings(bundle)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "toy.Absent|the bundle holds no such class: correct the file or add the class",
                "toy.Hidden|that class is not public: correct the class",
                "toy.Half|that class is abstract or an interface: correct the class",
                "toy.Asking|that class has no public constructor without arguments: correct the"
                        + " class",
                "toy.Other|that class does not implement it: correct the file or the class",
            })
    void aProviderMustBeOne(String provider, String message) throws Exception {
        TestBundle bundle =
                good().source("toy.Hidden", "package toy; final class Hidden {}")
                        .source("toy.Half", "package toy; public abstract class Half {}")
                        .source(
                                "toy.Asking",
                                "package toy; public class Asking { public Asking(int i) {} }")
                        .source("toy.Other", "package toy; public class Other extends Thread {}")
                        .provider(provider);
        assertThat(findings(bundle))
                .containsExactly(
                        "plugin 'toy' 1.0.0 names %s in META-INF/services/%s, but %s"
                                .formatted(provider, SERVICE, message));
    }

    @Test
    void aContractMustBeTheBrokers() throws Exception {
        TestBundle bundle = good().kind("protocol", "io.mortise.spi.protocol.QuicProvider");
        assertThat(findings(bundle))
                .containsExactly(
                        "plugin 'toy' 1.0.0 says that it provides"
                                + " io.mortise.spi.protocol.QuicProvider, which this broker does"
                                + " not have: correct 'provides', or upgrade the broker");
    }

    @Test
    void anSpiOfAnotherVersionIsNamed() throws Exception {
        assertThat(findings(good().spiRange("[7,8)")))
                .containsExactly(
                        "plugin 'toy' 1.0.0 needs io.mortise.spi.protocol [7,8), but this broker"
                                + " offers 0.1.0: upgrade the broker, or install a build of the"
                                + " plugin made for it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "com.acme.util|imports the package com.acme.util, which the broker does not offer:"
                        + " nest",
                "io.netty.handler.ssl;version=\"[3,4)\"|imports io.netty.handler.ssl [3,4), but"
                        + " this broker offers 4.2",
                "com.acme.util;resolution:=optional|imports com.acme.util optionally, which is"
                        + " neither the JDK's nor the broker's: nest",
            })
    void importsAreClosed(String more, String message) throws Exception {
        assertThat(findings(good().imports(more))).singleElement().asString().contains(message);
    }

    @Test
    void optionalImportsOfTheJdkAndOfTheBrokerAreFine() throws Exception {
        assertThat(
                        findings(
                                good().imports(
                                                "javax.gone;resolution:=optional,java.sql,"
                                                    + "org.jspecify.annotations;resolution:=optional,"
                                                    + "org.slf4j.event;resolution:=optional")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DynamicImport-Package|*|it would see classes of whatever else runs here",
                "Export-Package|toy|other plugins would see its classes",
                "Require-Bundle|other|it would see classes of another bundle",
                "Fragment-Host|other|it would become a part of another bundle",
            })
    void theManifestOpensNothing(String header, String value, String why) throws Exception {
        assertThat(findings(good().header(header, value)))
                .containsExactly(
                        "plugin 'toy' 1.0.0 has %s: %s in its manifest; plugins are closed (%s): drop the header"
                                .formatted(header, value, why));
    }

    @Test
    void classesOfANewerJdkAreNamed() throws Exception {
        int newer = Runtime.version().feature() + 1;
        assertThat(findings(good().classes(bytes -> with(bytes, 7, newer + 44))).getFirst())
                .contains("for a newer JDK than the " + Runtime.version().feature())
                .contains("class-file version " + (newer + 44) + ", JDK " + newer)
                .contains("compile it with --release " + Runtime.version().feature());
    }

    @Test
    void classesWithPreviewFeaturesAreNamed() throws Exception {
        assertThat(findings(good().classes(bytes -> with(with(bytes, 4, 255), 5, 255))).getFirst())
                .contains("classes with preview features (toy.EchoProvider)")
                .endsWith("compile it without --enable-preview");
    }

    @Test
    void whatTheBrokerOffersIsNotBroughtAlong() throws Exception {
        TestBundle bundle =
                good().file("lib/netty-buffer-4.1.jar", jar("io/netty/buffer/ByteBuf.class"))
                        .file("org/slf4j/Logger.class", new byte[0])
                        .file("lib/osgi-8.jar", jar("org/osgi/framework/Bundle.class"))
                        .file(
                                LIST,
                                listed(
                                        "(Apache-2.0) N (io.netty:netty-buffer:4.1 - https://n)",
                                        "(Apache-2.0) O (org.osgi:osgi:8 - https://o)"));
        assertThat(findings(bundle))
                .containsExactly(
                        copy("Netty", "lib/netty-buffer-4.1.jar"),
                        copy("OSGi's framework", "lib/osgi-8.jar"),
                        copy("slf4j", "unpacked"));
    }

    private static String copy(String library, String where) {
        return "plugin 'toy' 1.0.0 holds %s itself (%s); the broker offers it: leave it out of the bundle (scope provided)"
                .formatted(library, where);
    }

    @Test
    void aLicenceIsAnSpdxExpression() throws Exception {
        assertThat(findings(good().descriptor(text -> text.replace("Apache-2.0", "Apache-2"))))
                .containsExactly(
                        "plugin 'toy' 1.0.0: META-INF/mortise/plugin.json: the licence 'Apache-2'"
                                + " holds 'Apache-2', which is no SPDX identifier known here: did"
                                + " you mean Apache-2.0? Or write LicenseRef-NAME for one that SPDX"
                                + " does not list");
        for (String fine :
                List.of(
                        "LicenseRef-Acme-1",
                        "(EPL-2.0 OR MIT) AND BSD-3-Clause",
                        "GPL-2.0-only WITH Classpath-exception-2.0")) {
            assertThat(findings(good().descriptor(text -> text.replace("Apache-2.0", fine))))
                    .isEmpty();
        }
    }

    @Test
    void theListOfLibrariesIsThere() throws Exception {
        assertThat(findings(good().without(LIST)))
                .containsExactly(
                        "plugin 'toy' 1.0.0 lacks META-INF/THIRD-PARTY.txt, which says under which"
                                + " licences the libraries in it stand: build it with"
                                + " mortise-plugin-parent");
    }

    @Test
    void everyLibraryStandsUnderAnAllowedLicence() throws Exception {
        TestBundle bundle =
                good().file("lib/a-1.jar", jar("a/A.class"))
                        .file("lib/b-2.jar", jar("b/B.class"))
                        .file("lib/c-3-linux64.jar", jar("c/C.class"))
                        .file(
                                LIST,
                                listed(
                                        "(GPL-3.0-only) (Own) A (really) (org.a:a:1 - https://a)",
                                        "(GPL-2.0-only) (BSD-2-Clause) C (org.c:c:jar:linux64:3 -"
                                                + " https://c)"));
        assertThat(findings(bundle))
                .containsExactly(
                        "plugin 'toy' 1.0.0: META-INF/THIRD-PARTY.txt says that org.a:a:1 stands"
                            + " under GPL-3.0-only or Own; allowed are Apache-2.0, BSD-2-Clause,"
                            + " BSD-3-Clause, CC0-1.0, MIT: use another library",
                        "plugin 'toy' 1.0.0: META-INF/THIRD-PARTY.txt has no line for lib/b-2.jar:"
                                + " build the bundle anew with mortise-plugin-parent, or add one");
    }

    @Test
    void theBuildAllowsTheSameLicences() throws Exception {
        String pom = Files.readString(Path.of(System.getProperty("mortise.root"), "pom.xml"));
        List<String> allowed =
                pom.lines()
                        .map(String::trim)
                        .filter(line -> line.startsWith("<includedLicense>"))
                        .map(line -> line.replaceAll("<[^>]*>", ""))
                        .toList();
        assertThat(allowed).containsExactlyInAnyOrderElementsOf(Licences.ALLOWED);
    }

    @Test
    void aTornFileIsNoJar() throws Exception {
        byte[] whole = good().bytes();
        BundleFile torn = write(Arrays.copyOf(whole, whole.length * 2 / 3));
        assertThatThrownBy(() -> verification().findings(torn))
                .hasMessageContaining("toy.jar is no readable jar: ");
    }

    private static TestBundle good() {
        return EchoBundles.echo("toy", "1.0.0");
    }

    private static byte[] listed(String... lines) {
        var text = new StringBuilder("\nLists of third-party dependencies.\n");
        for (String line : lines) {
            text.append("     ").append(line).append('\n');
        }
        return text.toString().getBytes(UTF_8);
    }

    private static byte[] jar(String path) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var jar = new ZipOutputStream(bytes)) {
            jar.putNextEntry(new ZipEntry(path));
        }
        return bytes.toByteArray();
    }

    private static byte[] with(byte[] bytes, int position, int value) {
        byte[] copy = bytes.clone();
        copy[position] = (byte) value;
        return copy;
    }

    private List<String> findings(TestBundle bundle) throws IOException {
        return verification().findings(write(bundle.bytes()));
    }

    private static BundleVerification verification() {
        ClassLoader loader = BundleVerificationTest.class.getClassLoader();
        SystemExports exports = SystemExports.of(loader);
        return new BundleVerification(new BundleInspection(exports), exports, loader);
    }

    private BundleFile write(byte[] bytes) throws IOException {
        Files.write(directory.resolve("toy.jar"), bytes);
        return new BundleFile(new DiskFileLayer(directory), directory, "toy.jar");
    }
}
