// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import java.util.Arrays;
import java.util.List;

/**
 * Matches addresses: segments with {@code +} for any one and a last {@code #} for any number, none
 * included (MQTT 5.0, section 4.7). A leading wildcard matches no address that begins with {@code
 * $}.
 *
 * @param text as the client wrote it
 */
public record AddressFilter(String text) {
    /**
     * @throws IllegalArgumentException naming the fault
     */
    public AddressFilter {
        String fault = fault(text);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
    }

    /** The segments, wildcards among them; {@code a//b} has an empty one. */
    public List<String> segments() {
        return Arrays.asList(text.split("/", -1));
    }

    /** What is wrong with it, or null. */
    public static @org.jspecify.annotations.Nullable String fault(String text) {
        if (text.isEmpty() || text.indexOf('\0') >= 0) {
            return "a filter is not empty and has no NUL";
        }
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c != '+' && c != '#') {
                continue;
            }
            boolean opens = i == 0 || text.charAt(i - 1) == '/';
            boolean closes = i == length - 1 || text.charAt(i + 1) == '/';
            if (!opens || !closes || (c == '#' && i != length - 1)) {
                return "in filter '"
                        + text
                        + "' a wildcard is not a whole segment, or # is not the last";
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return text;
    }
}
