// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.routing;

/**
 * The default mapping between addresses and records: the first level is the topic, the rest the
 * key, verbatim with its slashes; what cannot be a topic goes to the tenant's catch-all with the
 * whole address as its key.
 */
public final class AddressMapping {
    /** What becomes of an address, by its first level alone. */
    public enum Kind {
        /** The first level names a topic, which may have to be created. */
        TOPIC,
        /** The catch-all topic takes it. */
        CATCH_ALL,
        /** The broker's own; publishing is refused. */
        INTERNAL,
        /** {@code $...}: fanned out to whoever listens, never stored. */
        LIVE_ONLY
    }

    private static final byte SEPARATOR = '/';

    private AddressMapping() {}

    /** Index of the first separator at or behind {@code from}, or {@code end}. */
    public static int levelEnd(byte[] address, int from, int end) {
        int i = from;
        while (i < end && address[i] != SEPARATOR) {
            i++;
        }
        return i;
    }

    /**
     * What the first level says; whether the named topic exists, collides or may still be created
     * is for the caller to ask.
     */
    public static Kind kind(String firstLevel) {
        if (firstLevel.startsWith("$")) {
            return Kind.LIVE_ONLY;
        }
        if (firstLevel.equals(TopicNames.CATCH_ALL) || !TopicNames.legal(firstLevel)) {
            return Kind.CATCH_ALL;
        }
        return TopicNames.internal(firstLevel) ? Kind.INTERNAL : Kind.TOPIC;
    }
}
