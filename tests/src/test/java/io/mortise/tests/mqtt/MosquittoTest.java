// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command-line clients of mosquitto. */
class MosquittoTest {
    @BeforeAll
    static void needsMosquittoClients() {
        assertThat(Path.of("/usr/bin/mosquitto_pub"))
                .as("missing; on Debian: apt-get install mosquitto-clients")
                .isExecutable();
    }

    @Test
    void retainedMessagesReachEveryVersionAndQos(@TempDir Path data) throws Exception {
        try (MqttBroker broker = MqttBroker.start(data)) {
            for (String version : List.of("mqttv311", "mqttv5")) {
                for (int qos = 0; qos <= 2; qos++) {
                    String topic = "mosquitto/" + version + "/" + qos;
                    int published = Math.max(1, qos); // so that it is there when the tool ends
                    run(
                            broker,
                            "mosquitto_pub",
                            version,
                            published,
                            "-t",
                            topic,
                            "-r",
                            "-m",
                            "kept");
                    String line =
                            run(
                                    broker,
                                    "mosquitto_sub",
                                    version,
                                    qos,
                                    "-t",
                                    topic,
                                    "-C",
                                    "1",
                                    "-F",
                                    "%t %q %r %p");
                    assertThat(line).isEqualTo(topic + " " + qos + " 1 kept");
                }
            }
        }
    }

    @Test
    void propertiesReachMosquitto(@TempDir Path data) throws Exception {
        try (MqttBroker broker = MqttBroker.start(data)) {
            run(
                    broker,
                    "mosquitto_pub",
                    "mqttv5",
                    1,
                    "-t",
                    "mosquitto/p",
                    "-r",
                    "-m",
                    "{}",
                    "-D",
                    "publish",
                    "content-type",
                    "application/json",
                    "-D",
                    "publish",
                    "response-topic",
                    "answers",
                    "-D",
                    "publish",
                    "correlation-data",
                    "7",
                    "-D",
                    "publish",
                    "user-property",
                    "name",
                    "value");
            String line =
                    run(
                            broker,
                            "mosquitto_sub",
                            "mqttv5",
                            1,
                            "-t",
                            "mosquitto/p",
                            "-C",
                            "1",
                            "-F",
                            "%C %R %D %P");
            assertThat(line).isEqualTo("application/json answers 7 name:value");
        }
    }

    private static String run(
            MqttBroker broker, String tool, String version, int qos, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(tool, "-h", "127.0.0.1", "-p", "" + broker.mqttPort()));
        command.addAll(List.of("-V", version, "-q", "" + qos));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("%s ended", command).isTrue();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as(output).isZero();
            return output.strip();
        } finally {
            process.destroyForcibly();
        }
    }
}
