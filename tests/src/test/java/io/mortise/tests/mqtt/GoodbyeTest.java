// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** A broker that stops says so. */
class GoodbyeTest {
    @Test
    void clientsHearThatTheBrokerStops(@TempDir Path data) throws Exception {
        MqttBroker broker = MqttBroker.start(data);
        try (RawClient young = RawClient.connect(broker.mqttPort());
                RawClient old = RawClient.connect(broker.mqttPort())) {
            young.send(new byte[] {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, 1, 'y'});
            assertThat(young.read(2)[0]).isEqualTo((byte) 0x20);
            old.send(RawClient.connect("old"));
            assertThat(old.read(4)).containsExactly(0x20, 2, 0, 0);
            broker.close();
            byte[] rest = young.read(4_096);
            assertThat(disconnectReason(rest)).isEqualTo(0x8B);
            assertThat(old.read(1)).isEmpty();
        } finally {
            broker.close();
        }
    }

    /** The reason of the DISCONNECT behind the rest of a CONNACK, whose length was read. */
    private static int disconnectReason(byte[] bytes) {
        for (int i = 0; i + 2 < bytes.length; i++) {
            if (bytes[i] == (byte) 0xE0) {
                return bytes[i + 2] & 0xFF;
            }
        }
        return -1;
    }
}
