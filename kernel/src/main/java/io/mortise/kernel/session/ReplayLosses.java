// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What cannot be vouched for after a replay of one shard: states that lack a change, and after
 * damaged offsets all that are known from before them only. One thread at a time.
 */
final class ReplayLosses {
    private static final int NAMED = 10;

    private final TreeSet<String> ranges = new TreeSet<>();
    private final Set<String> doubtful = new HashSet<>();
    private final Set<String> lost = new HashSet<>();
    private @Nullable Refusal unreadable;

    /** A range was passed over; what was known before may have changed there. */
    void range(long from, long to, Collection<String> known) {
        ranges.add("offsets " + from + " to " + (to - 1) + " are damaged; ");
        doubtful.addAll(known);
    }

    /** A record was applied behind the one before it, or says all there is to say. */
    void sound(String key) {
        if (!lost.isEmpty()) {
            lost.remove(key);
        }
        if (!doubtful.isEmpty()) {
            doubtful.remove(key);
        }
    }

    /** A change was found, but not the one before it. */
    void missing(String key) {
        lost.add(key);
        doubtful.remove(key);
    }

    /** A record is of another format. */
    void foreign(String log, int firstByte) {
        if (unreadable == null) {
            String found =
                    firstByte < StateRecords.FORMAT ? "1" : "a later one (" + firstByte + ")";
            unreadable =
                    new Refusal(
                            Reason.STORAGE_FAILED,
                            log
                                    + " holds records of format "
                                    + found
                                    + ", this version of Mortise understands "
                                    + StateRecords.VERSION
                                    + ": begin with a new data directory, or run the version that"
                                    + " wrote it");
        }
    }

    /** Why the shard cannot be read at all, or null. */
    @Nullable Refusal unreadable() {
        return unreadable;
    }

    boolean any() {
        return !ranges.isEmpty() || !lost.isEmpty();
    }

    /** States that are there, and may lack what the damaged offsets held. */
    int doubtful() {
        return doubtful.size();
    }

    /** States of which a part is missing; they are not there any more. */
    Collection<String> lost() {
        return lost;
    }

    /** In plain words. */
    String describe() {
        return String.join("", ranges)
                + lost.size()
                + " states lack a part and are dropped"
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
