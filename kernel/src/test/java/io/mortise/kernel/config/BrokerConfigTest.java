// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.kernel.config.MetadataConfig.Carrier;
import io.mortise.kernel.config.MetadataConfig.Peer;
import io.mortise.kernel.metadata.AccessRule;
import io.mortise.kernel.topic.TopicPolicy;
import io.mortise.spi.security.Operation;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

final class BrokerConfigTest {
    private static BrokerConfig read(String... lines) throws ConfigException {
        return BrokerConfigReader.read("mortise.yaml", String.join("\n", lines) + "\n");
    }

    private static void refused(String message, String... lines) {
        assertThatThrownBy(() -> read(lines))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void hasDefaults() throws Exception {
        BrokerConfig config = BrokerConfig.defaults();
        assertThat(config.topics()).isEqualTo(TopicPolicy.DEFAULT);
        assertThat(config.logs()).isEqualTo(LogsConfig.DEFAULT);
        assertThat(config.anonymous()).isTrue();
        assertThat(config.requireSignedPlugins()).isFalse();
        assertThat(config.metadata()).isEqualTo(new MetadataConfig(Carrier.LOCAL, null, List.of()));
        assertThat(config.listener("mqtt").bind()).containsExactly("127.0.0.1", "::1");
        assertThat(config.plugin("auth-builtin").settings()).isEmpty();
    }

    @Test
    void readsEverything() throws Exception {
        BrokerConfig config =
                read(
                        "nodeId: 2",
                        "listeners:",
                        "  mqtt:",
                        "    bind: [0.0.0.0, '::']",
                        "    port: 2883",
                        "    advertised: broker.example:1883",
                        "    tls: {certificate: a.crt, key: a.key}",
                        "topics:",
                        "  defaults:",
                        "    partitions: 8",
                        "    durability: os",
                        "    retention.ms: 5",
                        "  autoCreate: {enabled: false, limit: 7}",
                        "logs:",
                        "  ringBytes: 4194304",
                        "  snapshotBytes: 1048576",
                        "  producerExpirySeconds: 3600",
                        "  retentionCheckSeconds: 5",
                        "security:",
                        "  anonymous: false",
                        "  requireSignedPlugins: true",
                        "plugins:",
                        "  connector-jdbc:",
                        "    pool:",
                        "      size: 3",
                        "    hosts: [a, b]",
                        "metadata:",
                        "  carrier: ratis",
                        "  clusterId: abcdefghijklmnopqrstuv",
                        "  peers: [2@localhost:9100]");
        ListenerConfig mqtt = config.listener("mqtt");
        assertThat(mqtt.bind()).containsExactly("0.0.0.0", "::");
        assertThat(mqtt.port()).isEqualTo(2883);
        assertThat(mqtt.advertised()).isEqualTo("broker.example:1883");
        assertThat(mqtt.tls()).isEqualTo(new ListenerConfig.Tls("a.crt", "a.key"));
        assertThat(mqtt.where()).isEqualTo("mortise.yaml line 4: listeners.mqtt.bind");
        assertThat(config.topics())
                .isEqualTo(
                        new TopicPolicy(
                                8, Map.of("durability", "OS", "retention.ms", "5"), false, 7));
        assertThat(config.logs())
                .as("what waits to be written has half of the ring")
                .isEqualTo(
                        new LogsConfig(
                                4L << 20, 2L << 20, 1L << 20, 3_600, 5, 15, 24L << 20, List.of()));
        assertThat(config.anonymous()).isFalse();
        assertThat(config.requireSignedPlugins()).isTrue();
        assertThat(config.anonymousWhere()).isEqualTo("mortise.yaml line 20: security.anonymous");
        assertThat(config.plugin("connector-jdbc").settings())
                .containsOnly(Map.entry("pool.size", "3"), Map.entry("hosts", "a,b"));
        assertThat(config.metadata().peers()).containsExactly(new Peer(2, "localhost", 9100));
    }

    @Test
    void refusesUnknownKeysWithLineAndNearest() {
        refused(
                "mortise.yaml line 2: unknown setting 'listener'; did you mean 'listeners'?",
                "nodeId: 1",
                "listener: {}");
        refused(
                "line 3: unknown setting 'listeners.mqtt.prt'; did you mean 'port'?",
                "listeners:",
                "  mqtt:",
                "    prt: 1");
        refused(
                "unknown setting 'logs.ringByte'; did you mean 'ringBytes'?",
                "logs: {ringByte: 1}");
        refused(
                "line 1: unknown setting 'data'",
                "data: /var/lib/mortise"); // the launcher's --data
        refused("unknown setting 'zzzzzzzzzzzz'; known here: nodeId", "zzzzzzzzzzzz: 1");
        refused(
                "line 3: topics.defaults.retention.msec",
                "topics:",
                "  defaults:",
                "    retention.msec: 5");
    }

    @Test
    void refusesValuesWithLineAndWhatIsAllowed() {
        refused("line 1: nodeId: value '-1' is not allowed", "nodeId: -1");
        refused("allowed: whole numbers from 1 to 65535", "listeners: {mqtt: {port: 70000}}");
        refused(
                "line 2: security.anonymous: value 'yes' is not allowed; allowed: true, false",
                "security:",
                "  anonymous: yes");
        refused(
                "line 3: topics.defaults.cleanup.policy: topic config 'cleanup.policy': value"
                        + " 'tidy'",
                "topics:",
                "  defaults:",
                "    cleanup.policy: tidy");
        refused(
                "metadata.carrier: value 'raft' is not allowed; allowed: LOCAL, RATIS",
                "metadata: {carrier: raft}");
        refused("name every node as id@host:port", "metadata: {carrier: ratis, peers: [1@h:1]}");
        refused(
                "metadata.clusterId: needed, 22 characters",
                "metadata: {carrier: ratis, peers: [0@h:1]}");
        refused("only the carrier 'ratis' has it", "metadata: {peers: [0@h:1]}");
        refused("allowed: id@host:port", "metadata: {carrier: ratis, peers: [here]}");
        refused(
                "line 2: logs.ringBytes: value '9' is not allowed; allowed: whole numbers from"
                        + " 1048576",
                "logs:",
                "  ringBytes: 9");
        refused(
                "logs.ringBytes: value '8796093022208' is not allowed; allowed: up to ",
                "logs: {ringBytes: 8796093022208}");
        refused(
                "logs.unwrittenBytes: value '4194305' is not allowed; allowed: whole numbers from"
                        + " 65536 to 4194304",
                "logs: {ringBytes: 4194304, unwrittenBytes: 4194305}");
        refused("allowed: whole numbers from 60", "logs: {producerExpirySeconds: 59}");
        refused("from 1 to 86400", "logs: {retentionCheckSeconds: 0}");
        refused("from 1 to 65535", "listeners: {mqtt: {port: 4294967297}}");
        refused("roles: value [meta] is not allowed", "roles: [meta]");
        refused("tls.key: is missing", "listeners: {mqtt: {tls: {certificate: x}}}");
        refused("line 2: 'data' stands on line 1 already", "data: a", "data: b");
        refused("mortise.yaml line", "data: [");
        refused("expected sections", "- a");
    }

    @Test
    void readsLogDirectories() throws Exception {
        assertThat(read("logs: {directories: [/disk2/mortise, third]}").logs().directories())
                .containsExactly("/disk2/mortise", "third");
        assertThat(read("logs: {directories: /disk2/mortise}").logs().directories())
                .containsExactly("/disk2/mortise");
        refused("did you mean 'directories'?", "logs: {directorys: [/disk2]}");
        refused("expected a list of values", "logs: {directories: [[a]]}");
    }

    /** The shipped file, as it is and with every default written out. */
    @Test
    void theShippedFileShowsTheDefaults() throws Exception {
        Path conf =
                Path.of(
                        System.getProperty("mortise.root"),
                        "distribution/src/main/conf/mortise.yaml");
        String shipped = Files.readString(conf);
        assertThat(read(shipped))
                .usingRecursiveComparison()
                .ignoringFields("anonymousWhere")
                .isEqualTo(BrokerConfig.defaults());
        String written =
                shipped.replaceAll("(?m)^# ([a-z]\\w*: )", "$1")
                        .replaceAll("(?m)^#(  +[\\w.-]+:)", "$1")
                        .replaceAll("(?m)^ *(peers|clusterId):.*$", "");
        BrokerConfig config = read(written);
        assertThat(config.topics().partitions()).isEqualTo(TopicPolicy.DEFAULT.partitions());
        assertThat(config.logs()).isEqualTo(LogsConfig.DEFAULT);
        assertThat(config.topics().autoCreateLimit())
                .isEqualTo(TopicPolicy.DEFAULT.autoCreateLimit());
        for (Map.Entry<String, String> value : config.topics().defaults().entrySet()) {
            assertThat(TopicPolicy.builtIn(value.getKey()))
                    .as(value.getKey())
                    .isEqualTo(value.getValue());
        }
        assertThat(config.listeners()).containsOnlyKeys("mqtt", "kafka", "admin");
        assertThat(config.listener("mqtt").bind()).isEqualTo(ListenerConfig.LOOPBACK);
    }

    @Test
    void readsUsers() throws Exception {
        String text =
                """
                users:
                  - {name: ann, password: secret}
                rules:
                  - {principal: 'User:ann', pattern: factory, patternType: prefix, operation: read}
                  - {effect: deny, principal: 'User:*', pattern: 'a/+/b', patternType: filter}
                """;
        UsersFile file = UsersFile.read("users.yaml", text);
        assertThat(file.users()).hasSize(1);
        assertThat(file.users().getFirst().toString()).doesNotContain("secret");
        assertThat(file.rules()).hasSize(2);
        AccessRule rule = file.rules().getFirst();
        assertThat(rule.operation()).isEqualTo(Operation.READ);
        assertThat(UsersFile.read("users.yaml", text).rules()).isEqualTo(file.rules());
        usersRefused("users: [{name: ann}]", "needs a password or a credential");
        usersRefused("rules: [{principal: ann, pattern: x}]", "allowed: User:name, User:*");
        usersRefused(
                "rules: [{principal: 'User:a', pattern: 'a/#/b', patternType: FILTER}]",
                "no MQTT topic filter");
        usersRefused("rules: [{principle: 'User:a', pattern: x}]", "did you mean");
    }

    private static void usersRefused(String text, String message) {
        assertThatThrownBy(() -> UsersFile.read("users.yaml", text)).hasMessageContaining(message);
    }
}
