// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import java.util.ArrayList;
import java.util.List;

/** What happened, as a hash and as the last lines of text, or all of them. */
final class Trace {
    private static final int KEPT = 60;

    private record Line(int number, String what, long a, long b, Object who) {
        @Override
        public String toString() {
            return "%5d  %-28s %8d %8d  %s".formatted(number, what, a, b, who);
        }
    }

    private final boolean full;
    private final List<Line> lines = new ArrayList<>();
    private int count;
    private long hash = 0xcbf29ce484222325L;

    Trace(boolean full) {
        this.full = full;
    }

    void note(String what, long a, long b, Object who) {
        mix(what.hashCode());
        mix(a);
        mix(b);
        if (!full && lines.size() == 2 * KEPT) {
            lines.subList(0, KEPT).clear();
        }
        lines.add(new Line(count++, what, a, b, who));
    }

    private void mix(long value) {
        hash = (hash ^ value) * 0x100000001b3L;
        hash ^= hash >>> 29;
    }

    long hash() {
        return hash;
    }

    /** The lines that are left, oldest first. */
    String text() {
        var text = new StringBuilder();
        int from = full ? 0 : Math.max(0, lines.size() - KEPT);
        for (Line line : lines.subList(from, lines.size())) {
            text.append(line).append('\n');
        }
        return text.toString();
    }
}
