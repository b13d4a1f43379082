// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.smoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.broker.EmbeddedBroker;
import io.mortise.spi.admin.Administration.Request;
import io.mortise.spi.admin.Administration.Response;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Which engine keeps a topic, and how durably: by Kafka's Admin, REST and the command line. */
class TopicStorageTest {
    private static final Map<String, String> MEMORY =
            Map.of("storage.engine", "memory", "durability", "MEMORY");

    @TempDir private static Path data;
    private static EmbeddedBroker broker;
    private static Admin admin;
    private final StringWriter out = new StringWriter();

    @BeforeAll
    static void start() throws Exception {
        broker =
                EmbeddedBroker.builder(data)
                        .plugins("storage-segment", "storage-memory", "protocol-kafka")
                        .start();
        admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port("kafka")));
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void kafkaCreatesAndChanges() throws Exception {
        create("k-memory", MEMORY);
        assertThat(kafka("k-memory", "storage.engine")).isEqualTo("memory");
        assertThat(kafka("k-memory", "durability")).isEqualTo("MEMORY");
        create("k-segment", Map.of("durability", "OS"));
        alter("k-segment", "durability", "DISK");
        assertThat(kafka("k-segment", "durability")).isEqualTo("DISK");
        assertThat(kafka("k-segment", "storage.engine")).isEqualTo("segment");
        refused(() -> create("k-never", Map.of("storage.engine", "tape")), "'tape'", "segment");
        refused(() -> create("k-never", Map.of("storage.engine", "memory")), "'DISK'", "memory");
        refused(() -> alter("k-memory", "durability", "DISK"), "'DISK'", "memory");
        refused(() -> alter("k-segment", "durability", "STONE"), "'STONE'", "DISK");
        refused(() -> alter("k-segment", "storage.engine", "memory"), "'DISK'", "'memory'");
        refused(() -> alter("k-segment", "storage.engine", "tape"), "'tape'", "memory, segment");
        assertThat(kafka("k-segment", "storage.engine")).isEqualTo("segment");
        alter("k-segment", MEMORY);
        assertThat(kafka("k-segment", "storage.engine")).isEqualTo("memory");
    }

    @Test
    void restCreatesAndChanges() throws Exception {
        String memory = "{\"storage.engine\": \"memory\", \"durability\": \"MEMORY\"}";
        var made = rest("POST", "/topics", "{\"name\": \"r-memory\", \"configs\": " + memory + "}");
        assertThat(made.status()).isEqualTo(200);
        assertThat(text(made)).contains("\"storage.engine\":\"memory\"");
        rest("POST", "/topics", "{\"name\": \"r-segment\"}");
        var changed = rest("PATCH", "/topics/r-segment", "{\"configs\": {\"durability\": \"OS\"}}");
        assertThat(changed.status()).isEqualTo(200);
        assertThat(text(changed)).contains("\"durability\":\"OS\"");
        var moved = rest("PATCH", "/topics/r-segment", "{\"configs\": " + memory + "}");
        assertThat(moved.status()).isEqualTo(200);
        assertThat(text(moved)).contains("\"storage.engine\":\"memory\"");
        var engine = "{\"configs\": {\"durability\": \"DISK\"}}";
        assertThat(text(rest("PATCH", "/topics/r-memory", engine))).contains("can give: MEMORY");
    }

    @Test
    void theCommandLineCreatesAndChanges() {
        String[] memory = {"--config", "storage.engine=memory", "--config", "durability=MEMORY"};
        assertThat(mortise("topic", "create", "c-memory", memory)).isZero();
        assertThat(mortise("topic", "create", "c-segment")).isZero();
        assertThat(mortise("topic", "config", "c-segment", "--set", "durability=OS")).isZero();
        assertThat(mortise("topic", "describe", "c-segment")).isZero();
        assertThat(out.toString()).contains("durability  OS");
        assertThat(mortise("topic", "config", "c-segment", "--set", "storage.engine=memory"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("what the storage engine 'memory' can give: MEMORY");
        String[] toMemory = {"--set", "storage.engine=memory", "--set", "durability=MEMORY"};
        assertThat(mortise("topic", "config", "c-segment", toMemory)).isZero();
        assertThat(mortise("topic", "create", "c-never", "--config", "durability=STONE"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("'STONE'");
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void refused(Step step, String... words) {
        assertThatThrownBy(step::run)
                .cause()
                .isInstanceOf(InvalidConfigurationException.class)
                .message()
                .contains(words);
    }

    private static void create(String name, Map<String, String> configs) throws Exception {
        var topic = new NewTopic(name, 1, (short) 1).configs(configs);
        admin.createTopics(List.of(topic)).all().get();
    }

    private static void alter(String topic, String key, String value) throws Exception {
        alter(topic, Map.of(key, value));
    }

    private static void alter(String topic, Map<String, String> values) throws Exception {
        List<AlterConfigOp> changes = new ArrayList<>();
        values.forEach(
                (key, value) ->
                        changes.add(new AlterConfigOp(new ConfigEntry(key, value), OpType.SET)));
        admin.incrementalAlterConfigs(Map.of(resource(topic), changes)).all().get();
    }

    private static String kafka(String topic, String key) throws Exception {
        var resource = resource(topic);
        return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(key).value();
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    private static Response rest(String method, String path, String body) throws Exception {
        byte[] bytes = body.getBytes(UTF_8);
        var request = new Request(method, "/api/v1" + path, Map.of(), "application/json", bytes);
        return broker.administration()
                .handle(request)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    private static String text(Response response) {
        return new String(response.body(), UTF_8);
    }

    private int mortise(String word, String verb, String topic, String... options) {
        out.getBuffer().setLength(0);
        String[] arguments = Arrays.copyOf(new String[] {word, verb, topic}, options.length + 5);
        System.arraycopy(options, 0, arguments, 3, options.length);
        arguments[options.length + 3] = "--data";
        arguments[options.length + 4] = data.toString();
        var writer = new PrintWriter(out, true);
        return io.mortise.cli.Main.run(writer, writer, arguments);
    }
}
