// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.protocol.Detector.Detection;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HexFormat;

class MqttDetectorTest {
    @ParameterizedTest
    @CsvSource({
        "'', NEED_MORE",
        "10, NEED_MORE",
        "100d0004, NEED_MORE",
        "100d00044d, NEED_MORE",
        "100d00044d51, MATCH",
        "108001, NEED_MORE",
        "10808001 0004 4d51545405, MATCH",
        "100e00064d5149736470, MATCH",
        "100d00044854, NO_MATCH",
        "414d5150, NO_MATCH",
        "00000010, NO_MATCH",
        "c000, NO_MATCH",
        "16030100, NO_MATCH",
    })
    void knowsAConnect(String hex, Detection expected) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThat(new MqttDetector().detect(Unpooled.wrappedBuffer(bytes))).isEqualTo(expected);
    }
}
