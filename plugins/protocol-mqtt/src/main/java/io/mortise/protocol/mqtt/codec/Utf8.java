// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Checks of UTF-8 Encoded Strings (MQTT 5.0, 1.5.4): well formed, no surrogates, no U+0000. Eight
 * ASCII bytes are checked at a time.
 */
public final class Utf8 {
    static final long HIGH_BITS = 0x8080808080808080L;
    private static final long LOW_BITS = 0x0101010101010101L;

    private Utf8() {}

    /** Whether an MQTT string may hold these bytes. */
    public static boolean isValid(byte[] bytes) {
        for (byte b : bytes) {
            if (b <= 0) {
                return isValid(Unpooled.wrappedBuffer(bytes), 0, bytes.length);
            }
        }
        return true;
    }

    static boolean isValid(ByteBuf bytes, int index, int length) {
        int at = index;
        int end = index + length;
        while (at <= end - 8 && isPlain(bytes.getLong(at))) {
            at += 8;
        }
        while (at < end) {
            int first = bytes.getByte(at);
            if (first > 0) {
                at++;
            } else {
                int size = sequenceLength(bytes, at, end);
                if (size == 0) {
                    return false;
                }
                at += size;
            }
        }
        return true;
    }

    /** Bits are set where a byte of the word is zero; exact as to whether there is one. */
    static long zeroBytes(long word) {
        return (word - LOW_BITS) & ~word & HIGH_BITS;
    }

    /** The byte repeated eight times. */
    static long repeat(int value) {
        return LOW_BITS * value;
    }

    private static boolean isPlain(long word) {
        return ((word & HIGH_BITS) | zeroBytes(word)) == 0;
    }

    /** Length of the multi-byte sequence at the position, 0 if it is none. */
    private static int sequenceLength(ByteBuf bytes, int at, int end) {
        int first = bytes.getByte(at) & 0xFF;
        if (first < 0xC2 || first > 0xF4) {
            return 0; // U+0000, a continuation, an overlong pair, or beyond U+10FFFF
        }
        int size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (end - at < size) {
            return 0;
        }
        int second = bytes.getByte(at + 1) & 0xFF;
        if (second < lowestSecond(first) || second > highestSecond(first)) {
            return 0;
        }
        for (int i = 2; i < size; i++) {
            if ((bytes.getByte(at + i) & 0xC0) != 0x80) {
                return 0;
            }
        }
        return size;
    }

    private static int lowestSecond(int first) {
        return first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80; // no overlong forms
    }

    private static int highestSecond(int first) {
        return first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF; // no surrogates, no U+110000
    }
}
