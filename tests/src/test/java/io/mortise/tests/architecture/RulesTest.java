// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules can fail: the fixture breaks each of them once or more, and only there. */
final class RulesTest {
    private static final String FIXTURE = "io.mortise.tests.architecture.fixture.";
    private static final Room KERNEL =
            new Room("kernel", FIXTURE + "kernel", List.of("io.mortise.spi."));
    private static final Room LOUD =
            new Room("protocol-loud", FIXTURE + "protocol.loud", List.of("io.mortise.spi."));

    @Test
    void namesTheForeignClassThatAPluginUses() throws Exception {
        assertThat(Rules.imports(LOUD, classes("protocol/loud")))
                .containsExactly(
                        FIXTURE
                                + "protocol.loud.Loud must not use "
                                + FIXTURE
                                + "kernel.session.Session");
        assertThat(Rules.imports(KERNEL, classes("kernel"))).isEmpty();
    }

    @Test
    void findsCyclesOnceAndLayersBroken() throws Exception {
        String routing = FIXTURE + "kernel.routing";
        String session = FIXTURE + "kernel.session";
        assertThat(Rules.cycles(KERNEL, classes("kernel")))
                .containsExactly("cycle: " + routing + " -> " + session + " -> " + routing);
        assertThat(
                        Rules.layers(
                                KERNEL,
                                Map.of("session", 3, "routing", 2, "runtime", 1),
                                classes("kernel")))
                .containsExactly(
                        routing
                                + ".Router lies in a layer that must not use "
                                + session
                                + ".Session");
    }

    @Test
    void findsClockThreadsRandomnessAndFilesButForTheExempt() throws Exception {
        assertThat(Rules.ambient(name -> false, classes("protocol/loud")))
                .extracting(it -> it.substring(it.lastIndexOf(' ') + 1))
                .containsExactly(
                        "java.lang.System.currentTimeMillis",
                        "java.lang.Thread.<init>",
                        "java.nio.file.Files.readString",
                        "java.util.UUID.randomUUID",
                        "java.util.concurrent.CompletableFuture.runAsync",
                        "java.util.concurrent.Executors.newCachedThreadPool");
        assertThat(Rules.ambient(name -> false, classes("kernel"))).hasSize(1);
        assertThat(Rules.ambient(name -> name.contains(".runtime."), classes("kernel"))).isEmpty();
    }

    @Test
    void keepsALibraryWithinItsPackages() throws Exception {
        String library = FIXTURE + "kernel.session.";
        assertThat(Rules.libraryOnlyIn(library, Set.of(), classes("protocol/loud"))).hasSize(1);
        assertThat(
                        Rules.libraryOnlyIn(
                                library,
                                Set.of(FIXTURE + "protocol.loud"),
                                classes("protocol/loud")))
                .isEmpty();
    }

    @Test
    void letsTheSpiNameOnlyBuffersOfNetty() {
        var channel =
                new CompiledClass("io.mortise.spi.X", Set.of("io.netty.channel.Channel"), Set.of());
        var allowed =
                new CompiledClass(
                        "io.mortise.spi.protocol.X",
                        Set.of("io.netty.channel.Channel", "io.netty.buffer.ByteBuf"),
                        Set.of());
        assertThat(Rules.nettyInSpi(List.of(channel, allowed)))
                .containsExactly("io.mortise.spi.X must not use io.netty.channel.Channel");
    }

    private static List<CompiledClass> classes(String folder)
            throws IOException, URISyntaxException {
        Path here = Path.of(RulesTest.class.getResource("RulesTest.class").toURI());
        return CompiledClass.under(here.resolveSibling("fixture").resolve(folder));
    }
}
