// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.routing.AddressMapping.Kind;
import io.netty.buffer.Unpooled;

import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Random;

class AddressMappingTest {
    private final AddressBuffer address = new AddressBuffer();

    @ParameterizedTest
    @CsvSource({
        "factory, TOPIC",
        "a.b_c-D9, TOPIC",
        "'', CATCH_ALL",
        "mqtt, CATCH_ALL",
        "., CATCH_ALL",
        ".., CATCH_ALL",
        "..., TOPIC",
        "über, CATCH_ALL",
        "with space, CATCH_ALL",
        "$SYS, LIVE_ONLY",
        "__consumer_offsets, INTERNAL",
        "__mortise_sessions, INTERNAL",
        "__other, TOPIC",
    })
    void firstLevelDecides(String firstLevel, Kind kind) {
        assertThat(AddressMapping.kind(firstLevel)).isEqualTo(kind);
    }

    @Test
    void namesEndAt249() {
        assertThat(AddressMapping.kind("x".repeat(249))).isEqualTo(Kind.TOPIC);
        assertThat(AddressMapping.kind("x".repeat(250))).isEqualTo(Kind.CATCH_ALL);
        byte[] bytes = "x".repeat(250).getBytes(UTF_8);
        assertThat(TopicNames.legal(bytes, 0, 249)).isTrue();
        assertThat(TopicNames.legal(bytes, 0, 250)).isFalse();
    }

    @Test
    void namesThatDifferOnlyInDotsAndUnderscoresCollide() {
        assertThat(TopicNames.collisionKey("a.b")).isEqualTo(TopicNames.collisionKey("a_b"));
        assertThat(TopicNames.collisionKey("a.b")).isNotEqualTo(TopicNames.collisionKey("a-b"));
    }

    @Test
    void keyIsTheRestOfTheAddress() {
        assertThat(write("factory", false, "line1/temp")).isTrue();
        assertThat(text()).isEqualTo("factory/line1/temp");
        assertThat(write("factory", false, "")).isTrue();
        assertThat(text()).isEqualTo("factory/");
        assertThat(write("factory", false, null)).isTrue();
        assertThat(text()).isEqualTo("factory");
    }

    @Test
    void catchAllKeyIsTheWholeAddress() {
        assertThat(write("mqtt", true, "/a/b")).isTrue();
        assertThat(text()).isEqualTo("/a/b");
        assertThat(write("mqtt", true, "")).isFalse();
        assertThat(text()).isEqualTo("mqtt");
        assertThat(write("mqtt", true, null)).isTrue();
        assertThat(text()).isEqualTo("mqtt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a+", "#", "nul\0", "bell\u0007", "del\u007f", "c1\u0085", "\uFFFF"})
    void illegalKeyLeavesTheTopicAlone(String key) {
        assertThat(write("t", false, key)).isFalse();
        assertThat(text()).isEqualTo("t");
        assertThat(write("mqtt", true, key)).isFalse();
        assertThat(text()).isEqualTo("mqtt");
    }

    @Test
    void addressesEndAt65535Bytes() {
        assertThat(write("t", false, "k".repeat(65_533))).isTrue();
        assertThat(address.length()).isEqualTo(65_535);
        assertThat(write("t", false, "k".repeat(65_534))).isFalse();
        assertThat(text()).isEqualTo("t");
    }

    @Test
    void agreesWithTheStrictDecoderOfTheJdk() {
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = new byte[1 + random.nextInt(6)];
            for (int i = 0; i < bytes.length; i++) {
                int high = random.nextBoolean() ? 0xC0 : 0x80;
                bytes[i] = (byte) (random.nextInt(3) == 0 ? 'a' : high | random.nextInt(64));
            }
            assertThat(AddressText.legal(bytes, 0, bytes.length))
                    .as("seed %d", seed)
                    .isEqualTo(legalByJdk(bytes));
        }
    }

    private static boolean legalByJdk(byte[] bytes) {
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .codePoints()
                    .allMatch(
                            c ->
                                    !Character.isISOControl(c)
                                            && (c & 0xFFFE) != 0xFFFE
                                            && (c < 0xFDD0 || c > 0xFDEF));
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void placesKeysAsKafkasJavaClient() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            byte[] key = new byte[random.nextInt(40)];
            random.nextBytes(key);
            int expected = Utils.toPositive(Utils.murmur2(key)) % 7;
            assertThat(Murmur2.partition(key, 0, key.length, 7)).isEqualTo(expected);
            assertThat(Murmur2.partition(Unpooled.wrappedBuffer(key), 0, key.length, 7))
                    .isEqualTo(expected);
        }
    }

    private boolean write(String topic, boolean catchAll, @Nullable String key) {
        byte[] name = topic.getBytes(UTF_8);
        if (key == null) {
            return address.set(name, catchAll, Unpooled.EMPTY_BUFFER, 0, -1);
        }
        byte[] bytes = ("xx" + key).getBytes(UTF_8);
        int length = bytes.length - 2;
        return address.set(name, catchAll, Unpooled.wrappedBuffer(bytes), 2, length);
    }

    private String text() {
        return new String(address.bytes(), 0, address.length(), UTF_8);
    }
}
