// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.protocol.mqtt.session.MqttSettings;
import io.mortise.spi.plugin.PluginConfig;
import io.mortise.spi.protocol.ProtocolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class MqttPluginTest {
    @Test
    void isFoundAsAService() {
        assertThat(ServiceLoader.load(ProtocolProvider.class))
                .singleElement()
                .isInstanceOf(MqttProtocol.class);
    }

    @Test
    void defaultsOfTheDescriptorAreSettings() throws IOException {
        MqttSettings settings = MqttSettings.from(new PluginConfig(defaults()));
        assertThat(settings)
                .isEqualTo(new MqttSettings(1_048_576, 1_024, 1_000, 0xFFFFFFFFL, 0, 10));
    }

    @ParameterizedTest
    @CsvSource({
        "maxPacketBytes, 63",
        "maxPacketBytes, 268435461",
        "receiveMaximum, 0",
        "receiveMaximum, 65536",
        "maxInflight, 0",
        "maxSessionExpirySeconds, -1",
        "maxSessionExpirySeconds, 4294967296",
        "maxKeepAliveSeconds, 65536",
        "connectTimeoutSeconds, 0",
    })
    void valuesOutOfRangeAreRefusedByName(String key, String value) throws IOException {
        Map<String, String> values = defaults();
        values.put(key, value);
        assertThatThrownBy(() -> MqttSettings.from(new PluginConfig(values)))
                .hasMessageContaining(key)
                .hasMessageContaining(value);
    }

    private static Map<String, String> defaults() throws IOException {
        try (InputStream in =
                MqttProtocol.class.getResourceAsStream("/META-INF/mortise/plugin.json")) {
            assertThat(in).isNotNull();
            String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Pattern setting =
                    Pattern.compile("\"(\\w+)\": \\{\"type\": \"integer\", \"default\": (\\d+)");
            Matcher matcher = setting.matcher(json);
            Map<String, String> values = new HashMap<>();
            while (matcher.find()) {
                values.put(matcher.group(1), matcher.group(2));
            }
            return values;
        }
    }
}
