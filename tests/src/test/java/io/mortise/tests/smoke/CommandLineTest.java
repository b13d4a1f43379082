// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.smoke;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.kernel.plugin.EchoBundles;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;

/** The command line against a running broker. */
class CommandLineTest {
    @TempDir private static Path data;
    private static EmbeddedBroker broker;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() throws Exception {
        broker =
                EmbeddedBroker.builder(data)
                        .plugins(
                                "storage-segment",
                                "storage-memory",
                                "auth-builtin",
                                "connector-jdbc")
                        .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void onlyTheOwnerMayUseTheSocket() throws Exception {
        assertThat(Files.getPosixFilePermissions(data.resolve("control.sock")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void showsThatTheBrokerServes() {
        assertThat(mortise("status")).isZero();
        assertThat(out.toString()).startsWith("ready     yes");
    }

    @Test
    void createsDescribesChangesAndDeletesATopic() {
        assertThat(
                        mortise(
                                "topic",
                                "create",
                                "readings",
                                "--partitions",
                                "3",
                                "--config",
                                "durability=OS",
                                "--config",
                                "retention.ms=60000"))
                .isZero();
        assertThat(out.toString())
                .isEqualTo("topic 'readings' is created with 3 partitions, durability OS\n");
        assertThat(mortise("topic", "create", "readings")).isEqualTo(1);
        assertThat(err.toString()).startsWith("mortise: ").contains("readings");
        assertThat(mortise("topic", "config", "readings", "--reset", "retention.ms")).isZero();
        assertThat(mortise("topic", "describe", "readings")).isZero();
        assertThat(out.toString())
                .contains("durability  OS")
                .containsPattern("PARTITION +LEADER +EPOCH +START +VISIBLE +END +BYTES")
                .containsPattern("0 +0 +\\d+ +0 +0 +0 +0\n")
                .containsPattern("durability +OS +topic")
                .containsPattern("retention.ms +604800000 +default");
        assertThat(mortise("topic", "list")).isZero();
        assertThat(out.toString()).containsPattern("readings +3 +OS +durability=OS");
        assertThat(mortise("topic", "delete", "readings")).isZero();
        assertThat(mortise("topic", "describe", "readings")).isEqualTo(1);
        assertThat(err.toString()).isEqualTo("mortise: there is no topic 'readings'\n");
    }

    @Test
    void installsUpgradesAndUninstallsAPlugin() throws Exception {
        Path one = file("one.jar", EchoBundles.echo("echo", "1.0.0").bytes());
        Path two = file("two.jar", EchoBundles.echo("echo", "2.0.0").bytes());
        Path bad = file("bad.jar", EchoBundles.echo("echo", "3.0.0").spiRange("[7,8)").bytes());
        assertThat(mortise("plugin", "verify", one.toString())).isZero();
        assertThat(out.toString()).isEqualTo(one + " would run here; it is not signed\n");
        assertThat(mortise("plugin", "install", one.toString())).isZero();
        assertThat(out.toString()).isEqualTo("plugin 'echo' 1.0.0 is active\n");
        assertThat(mortise("plugin", "upgrade", two.toString())).isZero();
        assertThat(out.toString()).isEqualTo("plugin 'echo' 2.0.0 is active\n");
        assertThat(mortise("plugin", "verify", bad.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("needs io.mortise.spi.protocol [7,8)");
        assertThat(mortise("plugin", "stop", "echo")).isZero();
        assertThat(mortise("plugin", "list")).isZero();
        assertThat(out.toString()).containsPattern("echo +protocol +2.0.0 +STOPPED");
        assertThat(mortise("plugin", "start", "echo")).isZero();
        assertThat(mortise("plugin", "doctor")).isZero();
        assertThat(out.toString()).isEqualTo("nothing is wrong with plugins\n");
        assertThat(mortise("plugin", "uninstall", "echo")).isZero();
        assertThat(mortise("plugin", "stop", "echo")).isEqualTo(1);
        assertThat(err.toString()).contains("no plugin 'echo' is installed");
    }

    @Test
    void takesTheSignatureThatLiesBesideAPlugin() throws Exception {
        KeyPair acme = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Files.createDirectories(data.resolve("conf/keys"));
        Files.writeString(
                data.resolve("conf/keys/acme.pem"),
                "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
                        .formatted(encoded(acme.getPublic().getEncoded())));
        Path jar = file("signed.jar", EchoBundles.echo("signed", "1.0.0").bytes());
        Path signature = file("signed.jar.sig", signature(acme, Files.readAllBytes(jar)));
        assertThat(mortise("plugin", "verify", jar.toString())).isZero();
        assertThat(out.toString()).endsWith(" would run here; it is signed by acme\n");
        Files.writeString(signature, encoded(Files.readAllBytes(signature)) + "\n");
        assertThat(mortise("plugin", "install", jar.toString())).isZero();
        assertThat(mortise("plugin", "list")).isZero();
        assertThat(out.toString())
                .containsPattern("signed +protocol +1.0.0 +ACTIVE +acme")
                .containsPattern("storage-segment +storage +\\S+ +ACTIVE +\\(shipped\\)");

        Path other = file("other.jar", EchoBundles.echo("signed", "2.0.0").bytes());
        Files.copy(signature, data.resolve("other.jar.sig"));
        assertThat(mortise("plugin", "upgrade", other.toString())).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("mortise: the signature of the bundle fits none of the keys in ")
                .contains("conf/keys (acme): the file or its signature was changed");
        assertThat(mortise("plugin", "verify", other.toString())).isEqualTo(1);
        assertThat(mortise("plugin", "uninstall", "signed")).isZero();
    }

    private static byte[] signature(KeyPair pair, byte[] message) throws Exception {
        Signature signing = Signature.getInstance("Ed25519");
        signing.initSign(pair.getPrivate());
        signing.update(message);
        return signing.sign();
    }

    private static String encoded(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Test
    void namesTheTopicsThatKeepAStoragePluginFromGoing() {
        assertThat(mortise("topic", "create", "kept")).isZero();
        assertThat(mortise("plugin", "stop", "storage-segment")).isEqualTo(1);
        assertThat(err.toString())
                .contains("plugin 'storage-segment'")
                .contains("is not stopped: it is needed by topic 'kept'");
        assertThat(mortise("topic", "delete", "kept")).isZero();
    }

    @Test
    void saysWhyAConnectorWaitsForItsPlugin() throws Exception {
        Path settings =
                file(
                        "orders.json",
                        """
                        {"topics": "orders", "connection.url": "jdbc:postgresql://127.0.0.1:1/x",
                         "insert.mode": "insert"}
                        """
                                .getBytes(UTF_8));
        String[] create = {
            "connector", "create", "orders", "--plugin", "connector-jdbc", "--config",
        };
        assertThat(mortise("plugin", "stop", "connector-jdbc")).isZero();
        assertThat(mortise(with(create, settings.toString()))).isEqualTo(1);
        assertThat(err.toString()).contains("plugin connector-jdbc is stopped");
        assertThat(mortise("plugin", "start", "connector-jdbc")).isZero();
        assertThat(mortise(with(create, settings.toString()))).as(err.toString()).isZero();
        assertThat(mortise("plugin", "stop", "connector-jdbc")).isZero();
        assertThat(mortise("connector", "status", "orders")).isZero();
        assertThat(out.toString()).contains("UNASSIGNED", "plugin connector-jdbc is stopped");
        assertThat(mortise("plugin", "uninstall", "connector-jdbc")).isEqualTo(1);
        assertThat(err.toString()).contains("needed by connector 'orders'", "--force");
        assertThat(mortise("plugin", "uninstall", "connector-jdbc", "--force")).isZero();
        assertThat(mortise("connector", "status", "orders")).isZero();
        assertThat(out.toString()).contains("plugin connector-jdbc is not installed");
        assertThat(mortise("connector", "delete", "orders")).isZero();
    }

    private static String[] with(String[] words, String last) {
        String[] all = java.util.Arrays.copyOf(words, words.length + 1);
        all[words.length] = last;
        return all;
    }

    @Test
    void keepsRulesAndUsers() {
        assertThat(mortise("acl", "add", "--user", "ann", "--operation", "read", "factory"))
                .isZero();
        String id = out.toString().split(" ", -1)[1];
        assertThat(mortise("acl", "list")).isZero();
        assertThat(out.toString())
                .containsPattern(id + " +ALLOW +User:ann +\\* +READ +TOPIC +factory +LITERAL");
        assertThat(mortise("acl", "delete", id)).isZero();
        assertThat(mortise("user", "delete", "nobody")).isEqualTo(1);
        assertThat(mortise("user", "list")).isZero();
    }

    @Test
    void aWrongCallEndsWithTwo() {
        assertThat(mortise("topic")).isEqualTo(2);
        assertThat(mortise("topic", "create")).isEqualTo(2);
        assertThat(mortise("plugin", "install", data.resolve("absent.jar").toString()))
                .isEqualTo(2);
        assertThat(mortise("frobnicate")).isEqualTo(2);
    }

    @Test
    void saysWhereNoBrokerRuns() {
        var nowhere = new StringWriter();
        int code =
                io.mortise.cli.Main.run(
                        new PrintWriter(out, true),
                        new PrintWriter(nowhere, true),
                        "status",
                        "--data",
                        data.resolve("nowhere").toString());
        assertThat(code).isEqualTo(1);
        assertThat(nowhere.toString()).startsWith("mortise: no broker runs on ");
    }

    /** Runs a command with fresh output. */
    private int mortise(String... words) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] arguments = java.util.Arrays.copyOf(words, words.length + 2);
        if (words.length < 2 && !words[0].equals("status")) {
            arguments = words;
        } else {
            arguments[words.length] = "--data";
            arguments[words.length + 1] = data.toString();
        }
        return io.mortise.cli.Main.run(
                new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    private static Path file(String name, byte[] bytes) throws Exception {
        return Files.write(data.resolve(name), bytes);
    }
}
