// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

/**
 * Which bytes may be an address. An address is text that every protocol can say: well-formed UTF-8
 * of 1 to 65 535 bytes without U+0000, without the wildcards {@code +} and {@code #}, and without
 * control characters and non-characters, which MQTT receivers may close the connection for (MQTT
 * 5.0, 1.5.4).
 */
public final class AddressText {
    /** MQTT's bound on a topic name, in bytes. */
    public static final int MAX_BYTES = 65_535;

    /** Most levels that the broker takes; real addresses have a handful. */
    public static final int MAX_LEVELS = 200;

    private AddressText() {}

    /** How many levels there are. */
    public static int levels(byte[] address) {
        int levels = 1;
        for (byte b : address) {
            levels += b == '/' ? 1 : 0;
        }
        return levels;
    }

    /** Whether {@code length} bytes from {@code from} are an address. */
    public static boolean legal(byte[] bytes, int from, int length) {
        return length > 0 && length <= MAX_BYTES && legalPart(bytes, from, length);
    }

    /** Whether these bytes may be a part of an address; a part may be empty. */
    public static boolean legalPart(byte[] bytes, int from, int length) {
        int end = from + length;
        int i = from;
        while (i < end) {
            byte b = bytes[i];
            if (b >= 0x20) {
                if (b == '+' || b == '#' || b == 0x7F) {
                    return false;
                }
                i++;
            } else {
                int size = b < 0 ? multiByte(bytes, i, end) : 0;
                if (size == 0) {
                    return false;
                }
                i += size;
            }
        }
        return true;
    }

    /** Bytes of the legal character at {@code i}, or 0. */
    private static int multiByte(byte[] bytes, int i, int end) {
        int lead = bytes[i] & 0xFF;
        int size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (lead < 0xC2 || lead > 0xF4 || end - i < size) {
            return 0;
        }
        int codePoint = lead & (0x7F >> size);
        for (int k = 1; k < size; k++) {
            int next = bytes[i + k];
            if ((next & 0xC0) != 0x80) {
                return 0;
            }
            codePoint = codePoint << 6 | next & 0x3F;
        }
        return legalCodePoint(codePoint, size) ? size : 0;
    }

    private static boolean legalCodePoint(int codePoint, int size) {
        boolean overlong = size == 3 && codePoint < 0x800 || size == 4 && codePoint < 0x10000;
        boolean surrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
        boolean nonCharacter =
                (codePoint & 0xFFFE) == 0xFFFE || codePoint >= 0xFDD0 && codePoint <= 0xFDEF;
        return codePoint <= 0x10FFFF
                && codePoint > 0x9F
                && !overlong
                && !surrogate
                && !nonCharacter;
    }
}
