// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

/**
 * What the cluster wants of a plugin; without a word here it runs as it came with the broker.
 *
 * @param kind as the descriptor writes it
 * @param version of the bundle; empty for the one that came with the broker, whichever that is
 * @param hash of the bundle's bytes: {@code sha256:} and 64 hexadecimal digits; empty as above
 */
public record PluginEntry(String id, String kind, String version, String hash, Wanted wanted) {
    /** What is to be. */
    public enum Wanted {
        ACTIVE,
        /** Installed, but stopped by an operator. */
        STOPPED,
        /** Not to run though it came with the broker. */
        REMOVED
    }

    /** The one that came with the broker. */
    public static PluginEntry shipped(String id, String kind, Wanted wanted) {
        return new PluginEntry(id, kind, "", "", wanted);
    }

    /** Whether it says no more than silence would. */
    public boolean isDefault() {
        return hash.isEmpty() && wanted == Wanted.ACTIVE;
    }

    public PluginEntry withWanted(Wanted other) {
        return new PluginEntry(id, kind, version, hash, other);
    }
}
