// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which states of one shard cannot be vouched for after a replay that passed over damaged offsets.
 * One thread at a time.
 */
final class ReplayLosses {
    private static final int NAMED = 10;

    private final TreeSet<String> ranges = new TreeSet<>();
    private final Set<String> doubtful = new HashSet<>();
    private final Set<String> lost = new HashSet<>();

    /** A range was passed over; what was known before may have changed there. */
    void range(long from, long to, Collection<String> known) {
        ranges.add("offsets " + from + " to " + (to - 1));
        doubtful.addAll(known);
    }

    /**
     * A record of {@code key} was applied.
     *
     * @param whole whether it says all there is to say, whatever was before
     * @param left whether there is a state now
     */
    void applied(String key, boolean whole, boolean left) {
        if (ranges.isEmpty()) {
            return;
        }
        if (whole) {
            doubtful.remove(key);
            lost.remove(key);
        } else if (!left) {
            lost.add(key);
        } else if (lost.remove(key)) {
            doubtful.add(key); // it began again upon something that is not known
        }
    }

    boolean any() {
        return !ranges.isEmpty();
    }

    /** States that are there, and may lack what the damaged offsets held. */
    int doubtful() {
        return doubtful.size();
    }

    /** States of which too little is left. */
    int lost() {
        return lost.size();
    }

    /** In plain words. */
    String describe() {
        return String.join(", ", ranges)
                + " are damaged; "
                + lost.size()
                + " states are lost with them"
                + named(lost)
                + ", "
                + doubtful.size()
                + " are as they were before and may lack a change"
                + named(doubtful);
    }

    private static String named(Set<String> keys) {
        if (keys.isEmpty()) {
            return "";
        }
        List<String> some = new TreeSet<>(keys).stream().limit(NAMED).toList();
        return " (" + String.join(", ", some) + (keys.size() > NAMED ? ", ..." : "") + ")";
    }
}
