// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.broker.HostHarness.Client;
import io.mortise.kernel.listener.ListenerSettings;
import io.mortise.kernel.plugin.EchoBundles;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.kernel.plugin.PluginStatus;
import io.mortise.kernel.plugin.TestBundle;
import io.mortise.spi.RefusedException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

class PluginLifecycleTest {
    @TempDir Path data;
    private HostHarness broker;

    @BeforeEach
    void start() throws IOException {
        broker = new HostHarness(data);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void servesWhatWasInstalledAndNothingOfItIsLeftAfterwards() throws Exception {
        PluginStatus status = broker.install(EchoBundles.echo("echo", "1.0.0"));
        assertThat(status.state()).isEqualTo(PluginState.ACTIVE);
        try (Client client = broker.connect("echo")) {
            assertThat(client.ask('a')).isEqualTo("1.0.0:a");
        }
        assertThat(HostHarness.threads("mortise-echo-")).isNotEmpty();

        PluginStatus gone = broker.host.uninstall("echo");

        assertThat(gone.note()).isNull();
        assertThat(HostHarness.threads("mortise-echo-")).isEmpty();
        assertThat(broker.host.list()).isEmpty();
        assertThat(broker.listeners.endpoints()).isEmpty();
        assertThat(broker.host.doctor()).isEmpty();
    }

    @Test
    void newConnectionsGoToTheNewVersionAndOtherPluginsNoticeNothing() throws Exception {
        broker.install(EchoBundles.echo("other", "7"));
        broker.install(EchoBundles.echo("echo", "1.0.0"));
        int port = broker.port("echo");
        var failures = new AtomicReference<Throwable>();
        var answers = new AtomicInteger();
        var running = new AtomicReference<>(true);
        Thread load =
                Thread.ofPlatform()
                        .start(() -> askUntil(running, broker.port("other"), answers, failures));
        var seen = new ArrayList<String>();
        for (int round = 2; round <= 6; round++) {
            broker.upgrade(EchoBundles.echo("echo", round + ".0.0"));
            assertThat(broker.port("echo")).isEqualTo(port);
            try (Client client = new Client(port)) {
                seen.add(client.ask('x'));
            }
        }
        running.set(false);
        load.join();

        assertThat(seen).containsExactly("2.0.0:x", "3.0.0:x", "4.0.0:x", "5.0.0:x", "6.0.0:x");
        assertThat(failures.get()).isNull();
        assertThat(answers.get()).isGreaterThan(10);
        assertThat(broker.host.status("echo").version()).isEqualTo("6.0.0");
        assertThat(broker.host.status("echo").note()).isNull();
        assertThat(broker.host.doctor()).isEmpty();
    }

    @Test
    void connectionsWaitWhileAnExclusivePluginIsReplaced() throws Exception {
        broker.install(EchoBundles.echo("echo", "1.0.0").exclusive());
        int port = broker.port("echo");
        broker.upgrade(EchoBundles.echo("echo", "2.0.0").exclusive());
        try (Client client = new Client(port)) {
            assertThat(client.ask('q')).isEqualTo("2.0.0:q");
        }
        assertThatThrownBy(() -> broker.upgrade(EchoBundles.throwing("echo", "3.0.0").exclusive()))
                .hasMessageContaining("no flux")
                .hasMessageContaining("2.0.0 goes on serving");
        try (Client client = new Client(port)) {
            assertThat(client.ask('r')).isEqualTo("2.0.0:r");
        }
    }

    @Test
    void anUpgradeThatFailsLeavesTheOldVersionServing() throws Exception {
        broker.install(EchoBundles.echo("echo", "1.0.0"));
        try (Client client = broker.connect("echo")) {
            assertThat(client.ask('a')).isEqualTo("1.0.0:a");
            assertThatThrownBy(() -> broker.upgrade(EchoBundles.throwing("echo", "2.0.0")))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("1.0.0 goes on serving");
            assertThat(client.ask('b')).isEqualTo("1.0.0:b");
        }
        try (Client client = broker.connect("echo")) {
            assertThat(client.ask('c')).isEqualTo("1.0.0:c");
        }
        assertThat(broker.host.status("echo").state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void saysInPlainWordsThatTheSpiIsTooOld() {
        assertRefused(
                EchoBundles.echo("echo", "1.0.0").spiRange("[2.0,3.0)"),
                "plugin 'echo' 1.0.0 needs io.mortise.spi.protocol [2.0,3.0), but this broker"
                        + " offers 0.1.0: upgrade the broker, or install a build of the plugin made"
                        + " for it");
    }

    @Test
    void saysInPlainWordsThatAnImportIsMissing() {
        assertRefused(
                EchoBundles.echo("echo", "1.0.0").imports("org.acme.flux;version=\"[3,4)\""),
                "plugin 'echo' 1.0.0 imports the package org.acme.flux [3,4), which the broker does"
                        + " not offer: nest the library that holds it in the bundle (lib/), or drop"
                        + " the import");
    }

    @Test
    void saysInPlainWordsThatTheProviderClassIsAbsent() {
        assertRefused(
                EchoBundles.echo("echo", "1.0.0").provider("toy.Absent"),
                "plugin 'echo' 1.0.0 names toy.Absent in META-INF/services/"
                        + "io.mortise.spi.protocol.ProtocolProvider, but the bundle holds no such"
                        + " class: correct the file or add the class");
        assertThat(broker.host.list()).isEmpty();
    }

    @Test
    void takesBackTheListenersOfAStartThatThrows() {
        assertRefused(
                EchoBundles.throwing("echo", "1.0.0"),
                "plugin 'echo' 1.0.0 did not start: its start threw"
                        + " java.lang.IllegalStateException: no flux; what it had opened is closed"
                        + " again",
                "mortise plugin start echo");
        assertThat(broker.listeners.endpoints()).isEmpty();
        assertThat(HostHarness.threads("mortise-echo-")).isEmpty();
        assertThat(broker.host.status("echo").state()).isEqualTo(PluginState.FAILED);
        assertThat(broker.host.doctor()).hasSize(1);
    }

    @Test
    void namesThePortThatIsTakenAndTheLineToChange() throws Exception {
        try (ServerSocket taken =
                new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            broker.listenerSettings.put(
                    "echo", ListenerSettings.DEFAULT.withPort(taken.getLocalPort()));
            assertRefused(
                    EchoBundles.echo("echo", "1.0.0"),
                    "port " + taken.getLocalPort() + " on 127.0.0.1 is in use",
                    "listeners.echo.port");
        }
    }

    @Test
    void refusesSettingsThatTheSchemaLacks() {
        broker.pluginSettings.put("echo", java.util.Map.of("volumne", "11"));
        assertRefused(
                EchoBundles.echo("echo", "1.0.0")
                        .config("{\"volume\": {\"type\": \"integer\", \"default\": 5}}"),
                "plugins.echo.volumne is no setting of plugin 'echo' 1.0.0; did you mean"
                        + " 'volume'?");
    }

    @Test
    void namesTheThreadThatKeepsClassesInMemory() throws Exception {
        broker.install(EchoBundles.leaking("echo", "1.0.0"));
        PluginStatus stopped = broker.host.stop("echo");
        assertThat(stopped.state()).isEqualTo(PluginState.STOPPED);
        assertThat(stopped.note())
                .contains("its thread 'left-behind' did not end")
                .contains("held by thread 'left-behind'");
        assertThat(broker.host.doctor()).anyMatch(finding -> finding.contains("left-behind"));
        interrupt("left-behind");
        assertThat(broker.host.doctor()).noneMatch(finding -> finding.contains("still in memory"));
    }

    @Test
    void comesAndGoesTwentyTimesWithoutATrace() throws Exception {
        broker.install(EchoBundles.echo("other", "7"));
        byte[] jar = EchoBundles.echo("echo", "1.0.0").bytes();
        try (Client other = broker.connect("other")) {
            for (int cycle = 0; cycle < 20; cycle++) {
                broker.host.install(broker.host.receive(new java.io.ByteArrayInputStream(jar)));
                try (Client client = broker.connect("echo")) {
                    for (int i = 0; i < 50; i++) {
                        assertThat(client.ask('z')).isEqualTo("1.0.0:z");
                    }
                }
                assertThat(broker.host.uninstall("echo").note()).isNull();
                assertThat(other.ask('o')).isEqualTo("7:o");
            }
        }
        assertThat(HostHarness.threads("mortise-echo-")).isEmpty();
    }

    @Test
    void remembersOverARestartWhatOperatorsWanted() throws Exception {
        broker.install(EchoBundles.echo("one", "1.0.0"));
        broker.install(EchoBundles.echo("two", "1.0.0"));
        broker.install(EchoBundles.echo("three", "1.0.0"));
        broker.upgrade(EchoBundles.echo("two", "2.0.0"));
        broker.host.stop("one");
        broker.host.uninstall("three");
        broker.close();

        broker = new HostHarness(data);

        assertThat(broker.host.list())
                .extracting(status -> status.id() + " " + status.version() + " " + status.state())
                .containsExactly("one 1.0.0 STOPPED", "two 2.0.0 ACTIVE");
        broker.host.start("one");
        assertThat(broker.host.status("one").state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void anUpgradeThatNeedsARestartWaitsForIt() throws Exception {
        broker.install(EchoBundles.echo("echo", "1.0.0").upgrade("restart"));
        PluginStatus status = broker.upgrade(EchoBundles.echo("echo", "2.0.0").upgrade("restart"));
        assertThat(status.version()).isEqualTo("1.0.0");
        assertThat(status.note()).isEqualTo("version 2.0.0 takes effect at restart");
        broker.close();

        broker = new HostHarness(data);

        assertThat(broker.host.status("echo").version()).isEqualTo("2.0.0");
        assertThat(broker.host.status("echo").state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void startsOverACacheThatADyingBrokerLeftHalfWritten() throws Exception {
        broker.install(EchoBundles.echo("echo", "1.0.0"));
        assertThat(closedMarks()).isEmpty();
        broker.close();
        assertThat(closedMarks()).hasSize(1);
        Files.delete(closedMarks().getFirst());
        try (Stream<Path> cached = Files.walk(data.resolve("bundle-cache"))) {
            for (Path file : cached.filter(Files::isRegularFile).toList()) {
                Files.write(file, new byte[] {'?'});
            }
        }

        broker = new HostHarness(data);

        try (Client client = broker.connect("echo")) {
            assertThat(client.ask('a')).isEqualTo("1.0.0:a");
        }
    }

    /** There only while no broker runs that might be writing the cache. */
    private List<Path> closedMarks() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("plugins"))) {
            return files.filter(it -> it.getFileName().toString().startsWith("cache-of-")).toList();
        }
    }

    private void assertRefused(TestBundle bundle, String... parts) {
        assertThatExceptionOfType(RefusedException.class)
                .isThrownBy(() -> broker.install(bundle))
                .satisfies(
                        refused ->
                                assertThat(refused.refusal().message()).contains(List.of(parts)));
    }

    private static void askUntil(
            AtomicReference<Boolean> running,
            int port,
            AtomicInteger answers,
            AtomicReference<Throwable> failures) {
        try (Client client = new Client(port)) {
            while (running.get()) {
                assertThat(client.ask('k')).isEqualTo("7:k");
                answers.incrementAndGet();
            }
        } catch (IOException | AssertionError failed) {
            failures.set(failed);
        }
    }

    private static void interrupt(String name) throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals(name)) {
                thread.interrupt();
                thread.join();
            }
        }
    }
}
