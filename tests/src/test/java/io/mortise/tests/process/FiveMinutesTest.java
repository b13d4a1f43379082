// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/** Acceptance: the commands that the README shows, as they stand there, beside one broker. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class FiveMinutesTest {
    private static final String SUBSCRIBER =
            "mosquitto_sub -V mqttv5 -i props -c -x 3600 -q 1 -t 'props/#'";
    private static final int EXPIRY_SECONDS = 1_000;

    @TempDir private static Path directory;
    private static BrokerProcess broker;

    @BeforeAll
    static void start() throws Exception {
        Tool.need("mosquitto_pub", "mosquitto_sub", "kcat");
        broker = new BrokerProcess(directory).start();
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void fromADeviceToAKafkaConsumerAndBack() throws Exception {
        Tool.run(broker, "mosquitto_pub -t factory/line1/temp -q 1 -m 21.5");
        assertThat(
                        Tool.run(
                                broker,
                                "kcat -b localhost:9092 -C -t factory -o beginning -e -f '%k"
                                        + " %s\\n"
                                        + "'"))
                .containsExactly("line1/temp 21.5");

        try (Tool subscriber = Tool.start(broker, "mosquitto_sub -t 'factory/+/set'")) {
            boolean subscribed = false;
            while (!subscribed) {
                Tool.run(broker, "mosquitto_pub -t factory/line0/set -q 1 -m are-you-there");
                subscribed = subscriber.prints(lines -> lines.contains("are-you-there"), 1);
            }
            Tool.run(broker, "echo 'line1/set:on' | kcat -P -b localhost:9092 -t factory -K:");
            subscriber.await(lines -> lines.getLast().equals("on"));
            assertThat(subscriber.lines()).filteredOn("on"::equals).hasSize(1);
        }
    }

    @Test
    void propertiesBecomeHeadersAndComeBackAsTheyWere() throws Exception {
        Tool.run(broker, SUBSCRIBER + " -E"); // a session that waits
        Tool.run(
                broker,
                "mosquitto_pub -V mqttv5 -t props/mqtt -q 1 -m '{}'"
                        + " -D publish content-type application/json"
                        + " -D publish response-topic answers/here"
                        + " -D publish correlation-data seven-7"
                        + " -D publish message-expiry-interval "
                        + EXPIRY_SECONDS
                        + " -D publish user-property site Zürich"
                        + " -D publish user-property site Bern");

        ConsumerRecord<String, String> record =
                KafkaRead.all(broker.bootstrap(), "props").getFirst();
        assertThat(record.key()).isEqualTo("mqtt");
        assertThat(headers(record, "content-type")).containsExactly("application/json");
        assertThat(headers(record, "reply-to")).containsExactly("answers/here");
        assertThat(headers(record, "correlation-id")).containsExactly("seven-7");
        assertThat(headers(record, "site")).containsExactly("Zürich", "Bern");
        assertThat(ByteBuffer.wrap(record.headers().lastHeader("m.x").value()).getInt())
                .isEqualTo(EXPIRY_SECONDS);

        List<String> back = Tool.run(broker, SUBSCRIBER + " -C 1 -F '%t|%p|%C|%R|%D|%P|%E'");
        assertThat(back).hasSize(1);
        assertThat(back.getFirst())
                .startsWith(
                        "props/mqtt|{}|application/json|answers/here|seven-7|site:Zürich"
                                + " site:Bern|");
        String expiry = back.getFirst().substring(back.getFirst().lastIndexOf('|') + 1);
        assertThat(Integer.parseInt(expiry)).isBetween(1, EXPIRY_SECONDS);
    }

    @Test
    void headersOfKafkaBecomeProperties() throws Exception {
        String subscriber = SUBSCRIBER.replace("props", "heads");
        Tool.run(broker, subscriber + " -E");
        Tool.run(
                broker,
                "echo 'kafka:{}' | kcat -P -b localhost:9092 -t heads -K:"
                        + " -H content-type=text/x -H reply-to=ask/me"
                        + " -H correlation-id=k1 -H plant=north");
        assertThat(Tool.run(broker, subscriber + " -C 1 -F '%t|%p|%C|%R|%D|%P'"))
                .containsExactly("heads/kafka|{}|text/x|ask/me|k1|plant:north");
    }

    @Test
    void topicsAreCreatedListedDescribedAndDeleted() throws Exception {
        assertThat(
                        broker.command(
                                "topic",
                                "create",
                                "readings",
                                "--partitions",
                                "8",
                                "--config",
                                "durability=OS"))
                .isEqualTo("topic 'readings' is created with 8 partitions, durability OS\n");
        assertThat(broker.command("topic", "list"))
                .containsPattern("(?m)^readings +8 +OS +durability=OS");
        assertThat(broker.command("topic", "describe", "readings"))
                .containsPattern("(?m)^ *durability +OS +topic");
        assertThat(Tool.run(broker, "kcat -L -b localhost:9092 -t readings"))
                .anyMatch(line -> line.contains("topic \"readings\" with 8 partitions"));
        broker.command("topic", "delete", "readings");
        assertThat(broker.command("topic", "list")).doesNotContain("readings");
        assertThatThrownBy(() -> broker.command("topic", "describe", "readings"))
                .hasMessageEndingWith("mortise: there is no topic 'readings'\n");
    }

    private static List<String> headers(ConsumerRecord<String, String> record, String name) {
        return StreamSupport.stream(record.headers().headers(name).spliterator(), false)
                .map(Header::value)
                .map(value -> new String(value, UTF_8))
                .toList();
    }
}
