// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;

class TextRulesTest {
    @Test
    void utf8AgreesWithTheJdk() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = nearlyText(random);
            ByteBuf buffer = Unpooled.wrappedBuffer(bytes);
            assertThat(Utf8.isValid(buffer, 0, bytes.length))
                    .as(() -> java.util.HexFormat.of().formatHex(bytes))
                    .isEqualTo(isTextWithoutNul(bytes));
        }
    }

    @Test
    void topicNameCheckAgreesWithTheSlowOne() {
        Random random = new Random(12);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = nearlyText(random);
            String text = new String(bytes, StandardCharsets.UTF_8);
            boolean expected =
                    isTextWithoutNul(bytes) && (text.isEmpty() || TopicSyntax.isName(text));
            long hash = TopicSyntax.checkName(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
            assertThat(hash != TopicSyntax.INVALID).as(text).isEqualTo(expected);
        }
    }

    @Test
    void topicHashDependsOnBytesAlone() {
        byte[] bytes = "xfactory/line1/tempy".getBytes(StandardCharsets.UTF_8);
        ByteBuf within = Unpooled.wrappedBuffer(bytes);
        ByteBuf alone = Unpooled.wrappedBuffer(bytes, 1, bytes.length - 2);
        assertThat(TopicSyntax.checkName(within, 1, bytes.length - 2))
                .isEqualTo(TopicSyntax.checkName(alone, 0, bytes.length - 2))
                .isNotEqualTo(TopicSyntax.checkName(within, 0, bytes.length - 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"#", "+", "/", "a/#", "+/+/#", "a/+/b", "/+", "a//b", "$SYS/#", "ü/+"})
    void acceptsFilters(String filter) {
        assertThat(TopicSyntax.isFilter(filter)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "##", "a#", "#/a", "a/#/b", "a+", "+a", "++", "a/b+/c", "/#a"})
    void refusesFilters(String filter) {
        assertThat(TopicSyntax.isFilter(filter)).isFalse();
    }

    private static byte[] nearlyText(Random random) {
        StringBuilder text = new StringBuilder();
        int[] letters = {'a', '/', '0', 0x7F, 0xFC, 0x7FF, 0x800, 0xFFFF, 0x10000, 0x10FFFF};
        for (int i = random.nextInt(30); i > 0; i--) {
            text.appendCodePoint(letters[random.nextInt(random.nextInt(1, letters.length + 1))]);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0 && random.nextBoolean()) {
            int[] broken = {0, 0x80, 0xBF, 0xC0, 0xED, 0xF5, 0xFF, '+', '#'};
            bytes[random.nextInt(bytes.length)] = (byte) broken[random.nextInt(broken.length)];
        }
        return bytes;
    }

    private static boolean isTextWithoutNul(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                return false;
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
