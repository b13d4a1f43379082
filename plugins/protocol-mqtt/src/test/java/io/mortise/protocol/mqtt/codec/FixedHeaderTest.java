// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FixedHeaderTest {
    @ParameterizedTest
    @CsvSource({
        "'', 100, 0",
        "30, 100, 0",
        "3080, 100, 0",
        "30ffffff, 100, 0",
        "3062, 100, 100",
        "3063, 100, -2",
        "c000, 100, 2",
        "308001, 131, 131",
        "308001, 130, -2",
        "30ffffff7f, 100, -2",
        "30ffffff7f, 268435460, 268435460",
        "30ffffffff, 100, -1",
        "30808080ff01, 100, -1",
    })
    void tellsLengthBeforeTheBodyIsThere(String hex, int maxBytes, int expected) {
        assertThat(FixedHeader.frameLength(Unpooled.wrappedBuffer(Frames.bytes(hex)), maxBytes))
                .isEqualTo(expected);
    }
}
