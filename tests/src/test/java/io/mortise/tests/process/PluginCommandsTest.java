// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.tests.distribution.Shipped;
import io.mortise.tests.plugin.MqttLoad;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Acceptance: plugins come and go by the command line of the packaged broker, while two MQTT
 * clients stay connected and lose nothing.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class PluginCommandsTest {
    private static final String CONSUME =
            "kcat -b localhost:9092 -C -t kept -o beginning -e -f '%s\\n'";

    @Test
    void pluginsComeAndGoBesideTheTraffic(@TempDir Path directory) throws Exception {
        Tool.need("kcat");
        try (BrokerProcess broker = new BrokerProcess(directory).start();
                MqttLoad load = new MqttLoad(broker.mqttPort())) {
            Tool.run(broker, "echo one | kcat -P -b localhost:9092 -t kept");
            comesAndGoes(broker, "connector-jdbc");
            comesAndGoes(broker, "auth-builtin");
            kafkaComesAndGoes(broker);

            assertThat(broker.command("plugin", "doctor"))
                    .isEqualTo("nothing is wrong with plugins\n");
            assertThat(load.sent()).isGreaterThan(100);
        }
    }

    private static void kafkaComesAndGoes(BrokerProcess broker) throws Exception {
        String jar = jar("protocol-kafka");
        broker.command("plugin", "stop", "protocol-kafka");
        assertThat(broker.command("plugin", "list"))
                .containsPattern("(?m)^protocol-kafka +protocol +\\S+ +STOPPED")
                .containsPattern("(?m)^protocol-mqtt +protocol +\\S+ +ACTIVE");
        assertThatThrownBy(() -> Tool.run(broker, "kcat -L -m 2 -b localhost:9092"))
                .isInstanceOf(AssertionError.class);
        broker.command("plugin", "start", "protocol-kafka");
        assertThat(Tool.run(broker, CONSUME)).containsExactly("one");

        assertThat(broker.command("plugin", "upgrade", jar))
                .isEqualTo("plugin 'protocol-kafka' " + version() + " is active\n");
        Tool.run(broker, "echo two | kcat -P -b localhost:9092 -t kept");

        broker.command("plugin", "uninstall", "protocol-kafka");
        assertThat(broker.command("plugin", "list")).doesNotContain("protocol-kafka");
        assertThat(broker.command("plugin", "install", jar))
                .isEqualTo("plugin 'protocol-kafka' " + version() + " is active\n");
        assertThat(Tool.run(broker, CONSUME)).containsExactlyInAnyOrder("one", "two");
    }

    private static void comesAndGoes(BrokerProcess broker, String id) throws Exception {
        assertThat(broker.command("plugin", "verify", jar(id)))
                .isEqualTo(jar(id) + " would run here; it is not signed\n");
        assertThat(broker.command("plugin", "stop", id))
                .isEqualTo("plugin '" + id + "' " + version() + " is stopped\n");
        broker.command("plugin", "start", id);
        assertThat(broker.command("plugin", "uninstall", id))
                .isEqualTo("plugin '" + id + "' " + version() + " is uninstalled\n");
        assertThatThrownBy(() -> broker.command("plugin", "start", id))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no plugin '" + id + "' is installed");
        assertThat(broker.command("plugin", "install", jar(id)))
                .isEqualTo("plugin '" + id + "' " + version() + " is active\n");
    }

    private static String version() {
        return System.getProperty("mortise.version");
    }

    private static String jar(String id) {
        return Shipped.bundles().stream()
                .map(Path::toString)
                .filter(jar -> jar.contains("/mortise-" + id + "-"))
                .findFirst()
                .orElseThrow();
    }
}
