// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.broker.HostHarness.Client;
import io.mortise.kernel.metadata.PluginEntry;
import io.mortise.kernel.metadata.PluginEntry.Wanted;
import io.mortise.kernel.plugin.EchoBundles;
import io.mortise.kernel.plugin.PluginState;
import io.mortise.kernel.plugin.PluginStatus;
import io.mortise.spi.RefusedException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** What is installed stands in the metadata; the bundles lie beside it. */
class InstalledPluginsTest {
    @TempDir Path data;
    @TempDir Path shipped;
    private HostHarness broker;

    @BeforeEach
    void start() throws IOException {
        broker = new HostHarness(data, shipped);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void everyCommandIsOneOfTheMetadata() throws Exception {
        byte[] first = EchoBundles.echo("echo", "1.0.0").bytes();
        broker.install(first);
        assertThat(entry("echo")).isEqualTo(entry("echo", "1.0.0", hash(first), Wanted.ACTIVE));
        byte[] second = EchoBundles.echo("echo", "2.0.0").bytes();
        broker.upgrade(second);
        assertThat(entry("echo")).isEqualTo(entry("echo", "2.0.0", hash(second), Wanted.ACTIVE));
        broker.host.stop("echo");
        assertThat(entry("echo")).isEqualTo(entry("echo", "2.0.0", hash(second), Wanted.STOPPED));
        broker.host.start("echo");
        assertThat(entry("echo")).isEqualTo(entry("echo", "2.0.0", hash(second), Wanted.ACTIVE));
        assertThat(bundles()).hasSize(1);
        broker.host.uninstall("echo");
        assertThat(broker.metadata.image().plugins().isEmpty()).isTrue();
        assertThat(bundles()).isEmpty();
    }

    @Test
    void aSnapshotOfTheMetadataKeepsThem() throws Exception {
        broker.install(EchoBundles.echo("echo", "1.0.0"));
        broker.host.stop("echo");
        broker.metadata.snapshot();
        restart();
        assertThat(shown()).containsExactly("echo 1.0.0 STOPPED");
        broker.host.start("echo");
        restart();
        assertThat(shown()).containsExactly("echo 1.0.0 ACTIVE");
    }

    @Test
    void aBundleThatTheMetadataDidNotTakeIsNotThere() throws Exception {
        broker.log.refuses = true;
        assertThatThrownBy(() -> broker.install(EchoBundles.echo("echo", "1.0.0")))
                .isInstanceOf(RefusedException.class)
                .hasMessageEndingWith(
                        "plugin 'echo' is not installed, because the metadata did not take it: no"
                                + " majority; repeat the command");
        assertThat(shown()).isEmpty();
        assertThat(bundles()).hasSize(1); // written, not committed: as after a crash

        restart();
        assertThat(shown()).isEmpty();
        broker.install(EchoBundles.echo("echo", "1.0.0"));
        assertThat(shown()).containsExactly("echo 1.0.0 ACTIVE");
        assertThat(bundles()).hasSize(1);
    }

    @Test
    void anUpgradeThatTheMetadataDidNotTakeLastsUntilTheBrokerStops() throws Exception {
        broker.install(EchoBundles.echo("echo", "1.0.0"));
        broker.log.refuses = true;
        assertThatThrownBy(() -> broker.upgrade(EchoBundles.echo("echo", "2.0.0")))
                .hasMessageContaining("plugin 'echo' 2.0.0 serves until the broker stops, because");
        assertThat(shown()).containsExactly("echo 2.0.0 ACTIVE");
        restart();
        assertThat(shown()).containsExactly("echo 1.0.0 ACTIVE");

        broker.log.refuses = true;
        assertThatThrownBy(() -> broker.upgrade(EchoBundles.echo("echo", "2.0.0")))
                .hasMessageContaining("repeat the command");
        broker.log.refuses = false;
        broker.upgrade(EchoBundles.echo("echo", "2.0.0"));
        restart();
        assertThat(shown()).containsExactly("echo 2.0.0 ACTIVE");
        assertThat(bundles()).hasSize(1);
    }

    @Test
    void anUninstallThatTheMetadataDidNotTakeMayBeRepeated() throws Exception {
        broker.install(EchoBundles.echo("echo", "1.0.0"));
        broker.log.refuses = true;
        assertThatThrownBy(() -> broker.host.uninstall("echo"))
                .hasMessageContaining("plugin 'echo' 1.0.0 is stopped, but not uninstalled");
        assertThat(shown()).containsExactly("echo 1.0.0 STOPPED");
        broker.log.refuses = false;
        broker.host.uninstall("echo");
        assertThat(shown()).isEmpty();
    }

    @Test
    void aFileThatAnUninstallLeftBehindDoesNotCount() throws Exception {
        broker.install(EchoBundles.echo("echo", "1.0.0"));
        Path file = data.resolve("plugins").resolve(bundles().getFirst());
        byte[] bytes = Files.readAllBytes(file);
        broker.host.uninstall("echo");
        broker.close();
        Files.write(file, bytes); // committed, not yet deleted: as after a crash

        broker = new HostHarness(data, shipped);
        assertThat(shown()).isEmpty();
        broker.install(EchoBundles.echo("other", "1.0.0"));
        assertThat(file).doesNotExist();
    }

    @Test
    void aBundleThatIsGoneIsNamedAndMayBeBroughtAgain() throws Exception {
        byte[] bytes = EchoBundles.echo("echo", "1.0.0").bytes();
        broker.install(bytes);
        broker.install(EchoBundles.echo("other", "7"));
        broker.close();
        Files.delete(data.resolve("plugins").resolve(bundles().getFirst()));

        broker = new HostHarness(data, shipped);
        PluginStatus status = broker.host.status("echo");
        assertThat(status.state()).isEqualTo(PluginState.FAILED);
        assertThat(status.reason())
                .isEqualTo(
                        "plugin 'echo' 1.0.0 cannot run: data/plugins holds no bundle with the"
                                + " hash "
                                + hash(bytes)
                                + "; bring it with: mortise plugin upgrade FILE, or uninstall it");
        assertThat(broker.host.status("other").state()).isEqualTo(PluginState.ACTIVE);
        assertThat(broker.host.doctor()).containsExactly(status.reason());

        broker.upgrade(bytes);
        try (Client client = broker.connect("echo")) {
            assertThat(client.ask('a')).isEqualTo("1.0.0:a");
        }
    }

    @Test
    void aBundleThatWasChangedIsRefused() throws Exception {
        byte[] bytes = EchoBundles.echo("echo", "1.0.0").bytes();
        byte[] others = EchoBundles.echo("echo", "1.0.0").config("{}  ").bytes();
        broker.install(bytes);
        broker.close();
        String name = bundles().getFirst();
        Files.write(data.resolve("plugins").resolve(name), others);

        broker = new HostHarness(data, shipped);
        assertThat(broker.host.status("echo").state()).isEqualTo(PluginState.FAILED);
        assertThat(broker.host.status("echo").reason())
                .contains("data/plugins/" + name + " has the hash " + hash(others))
                .contains("installed was " + hash(bytes) + ": it was changed since");
        assertThat(broker.host.uninstall("echo").note()).isNull();
        assertThat(bundles()).isEmpty();
    }

    @Test
    void aFailedPluginIsReplacedByOneThatStartsOnly() throws Exception {
        assertThatThrownBy(() -> broker.install(EchoBundles.throwing("echo", "1.0.0")))
                .hasMessageContaining("no flux");
        assertThatThrownBy(() -> broker.upgrade(EchoBundles.throwing("echo", "2.0.0")))
                .hasMessageContaining("plugin 'echo' 2.0.0 did not start");
        assertThat(shown()).containsExactly("echo 1.0.0 FAILED");
        broker.upgrade(EchoBundles.echo("echo", "3.0.0"));
        assertThat(shown()).containsExactly("echo 3.0.0 ACTIVE");
        assertThat(entry("echo").version()).isEqualTo("3.0.0");
        assertThat(bundles()).hasSize(1);
    }

    @Test
    void whatCameWithTheBrokerRunsUnlessTheMetadataSaysOtherwise() throws Exception {
        ship(EchoBundles.echo("echo", "1.0.0").bytes());
        restart();
        assertThat(shown()).containsExactly("echo 1.0.0 ACTIVE");
        broker.host.stop("echo");
        assertThat(entry("echo")).isEqualTo(entry("echo", "", "", Wanted.STOPPED));
        restart();
        assertThat(shown()).containsExactly("echo 1.0.0 STOPPED");
        broker.host.start("echo");
        assertThat(entry("echo")).isNull();
        broker.host.uninstall("echo");
        assertThat(entry("echo")).isEqualTo(entry("echo", "", "", Wanted.REMOVED));
        restart();
        assertThat(shown()).isEmpty();
        broker.install(EchoBundles.echo("echo", "2.0.0"));
        restart();
        assertThat(shown()).containsExactly("echo 2.0.0 ACTIVE");
    }

    @Test
    void anotherBundleOfTheSameNameTakesThePlaceOfTheCachedOne() throws Exception {
        ship(EchoBundles.echo("echo", "1.0.0").bytes());
        restart();
        ship(EchoBundles.echo("echo", "1.1.0").bytes());
        restart();
        try (Client client = broker.connect("echo")) {
            assertThat(client.ask('a')).isEqualTo("1.1.0:a");
        }
    }

    private void restart() throws IOException {
        broker.close();
        broker = new HostHarness(data, shipped);
    }

    private void ship(byte[] bundle) throws IOException {
        Files.write(shipped.resolve("echo.jar"), bundle);
    }

    private List<String> shown() {
        return broker.host.list().stream()
                .map(status -> status.id() + " " + status.version() + " " + status.state())
                .toList();
    }

    private PluginEntry entry(String id) {
        return broker.metadata.image().plugins().find(id);
    }

    private static PluginEntry entry(String id, String version, String hash, Wanted wanted) {
        return new PluginEntry(id, "protocol", version, hash, wanted);
    }

    private List<String> bundles() throws IOException {
        try (Stream<Path> files = Files.list(data.resolve("plugins"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }

    private static String hash(byte[] bytes) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
        return "sha256:" + HexFormat.of().formatHex(digest);
    }
}
