// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;

/** Rules of Topic Names and Topic Filters (MQTT 5.0, 4.7). */
public final class TopicSyntax {
    /** {@link #checkName} found text that is no topic name. */
    static final long INVALID = -1;

    private static final long PLUS = Utf8.repeat('+');
    private static final long HASH = Utf8.repeat('#');
    private static final String SHARE = "$share/";

    private TopicSyntax() {}

    /**
     * Checks a Topic Name in one pass: UTF-8, no U+0000, no wildcard. The empty name passes.
     *
     * @return a 32-bit hash of the bytes, or {@link #INVALID}
     */
    static long checkName(ByteBuf bytes, int index, int length) {
        long hash = length;
        long high = 0;
        long forbidden = 0;
        int at = index;
        for (int left = length; left > 0; left -= 8, at += 8) {
            long word = left >= 8 ? bytes.getLong(at) : lastWord(bytes, at, left);
            high |= word;
            forbidden |= forbiddenBytes(word);
            hash = mix(hash, word);
        }
        if (forbidden != 0) {
            return INVALID;
        }
        if ((high & Utf8.HIGH_BITS) != 0 && !Utf8.isValid(bytes, index, length)) {
            return INVALID;
        }
        return (hash ^ hash >>> 32) & 0xFFFFFFFFL;
    }

    /**
     * Whether the text is a Topic Name that may be published to.
     *
     * @param name text without unpaired surrogates
     */
    public static boolean isName(String name) {
        return !name.isEmpty()
                && name.indexOf('+') < 0
                && name.indexOf('#') < 0
                && name.indexOf('\0') < 0;
    }

    /** Whether wildcards stand alone in their level and {@code #} in the last (4.7.1). */
    public static boolean isFilter(String filter) {
        int length = filter.length();
        for (int i = 0; i < length; i++) {
            char c = filter.charAt(i);
            if (c != '+' && c != '#') {
                continue;
            }
            boolean levelBegins = i == 0 || filter.charAt(i - 1) == '/';
            boolean levelEnds = i == length - 1 || c == '+' && filter.charAt(i + 1) == '/';
            if (!levelBegins || !levelEnds) {
                return false;
            }
        }
        return length > 0;
    }

    /** Whether the filter asks for a Shared Subscription (4.8.2), well formed or not. */
    public static boolean isShared(String filter) {
        return filter.startsWith(SHARE);
    }

    private static long lastWord(ByteBuf bytes, int at, int left) {
        long word = Utf8.repeat('/');
        for (int i = 0; i < left; i++) {
            word = word << 8 | bytes.getByte(at + i) & 0xFF;
        }
        return word;
    }

    private static long forbiddenBytes(long word) {
        return Utf8.zeroBytes(word) | Utf8.zeroBytes(word ^ PLUS) | Utf8.zeroBytes(word ^ HASH);
    }

    private static long mix(long hash, long word) {
        long mixed = (hash ^ word) * 0x9E3779B97F4A7C15L;
        return mixed ^ mixed >>> 29;
    }
}
