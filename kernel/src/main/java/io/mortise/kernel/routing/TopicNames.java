// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

/** Kafka's rules for topic names, and which names are not for publishers. */
public final class TopicNames {
    /** The topic of each tenant that takes what no topic of its own can be named for. */
    public static final String CATCH_ALL = "mqtt";

    /** Longest name in characters. */
    public static final int MAX_LENGTH = 249;

    private TopicNames() {}

    /** Whether Kafka accepts the name: {@code [a-zA-Z0-9._-]}, 1 to 249, not "." or "..". */
    public static boolean legal(CharSequence name) {
        int length = name.length();
        if (length == 0 || length > MAX_LENGTH) {
            return false;
        }
        boolean onlyDots = length <= 2;
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (!legal(c)) {
                return false;
            }
            onlyDots &= c == '.';
        }
        return !onlyDots;
    }

    /** As {@link #legal(CharSequence)} for bytes. */
    public static boolean legal(byte[] bytes, int from, int length) {
        if (length == 0 || length > MAX_LENGTH) {
            return false;
        }
        boolean onlyDots = length <= 2;
        for (int i = from; i < from + length; i++) {
            if (!legal((char) (bytes[i] & 0xFF))) {
                return false;
            }
            onlyDots &= bytes[i] == '.';
        }
        return !onlyDots;
    }

    private static boolean legal(char c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '.'
                || c == '_'
                || c == '-';
    }

    /**
     * What two names must not share: Kafka's metrics cannot tell {@code .} from {@code _}, so names
     * that differ only there collide.
     */
    public static String collisionKey(String name) {
        return name.replace('.', '_');
    }

    /** Whether the name belongs to the broker: no filter sees it and nobody publishes to it. */
    public static boolean internal(String name) {
        return name.startsWith("__mortise")
                || name.equals("__consumer_offsets")
                || name.equals("__transaction_state")
                || name.equals("__share_group_state");
    }
}
