// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.HeapDump.Strength;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks, from an object back to the roots, for the shortest path of references that keeps it in
 * memory. Costs a pass over the dump per step and memory for what leads to the object, not for the
 * whole heap. One thread, once.
 */
final class HeapPath {
    /** Objects that lead to the one asked for; beyond that nobody could read the answer. */
    private static final int MOST_OBJECTS = 1 << 20;

    private final HeapDump dump;
    private final Strength weakest;
    private final LongIntMap found = new LongIntMap();
    private final List<Step> steps = new ArrayList<>();

    /** An object, the one after it on the way to the target, and by what it refers to that. */
    private record Step(long object, int next, String by) {}

    private HeapPath(HeapDump dump, Strength weakest) {
        this.dump = dump;
        this.weakest = weakest;
    }

    /**
     * The path from a root on, or null if there is none of references that are at least so strong.
     */
    static @Nullable String to(long target, HeapDump dump, Strength weakest) throws IOException {
        return new HeapPath(dump, weakest).search(target);
    }

    private @Nullable String search(long target) throws IOException {
        add(target, -1, "");
        for (int begin = 0; begin < steps.size(); ) {
            int end = steps.size();
            for (int i = begin; i < end; i++) {
                if (dump.root(steps.get(i).object) != null) {
                    return told(i);
                }
            }
            if (end > MOST_OBJECTS) {
                return "more than " + MOST_OBJECTS + " objects lead there";
            }
            int first = begin;
            dump.pass((from, to, strength, by) -> step(from, to, strength, by, first, end));
            begin = end;
        }
        return null;
    }

    private void step(long from, long to, Strength strength, String by, int first, int end) {
        int next = found.get(to);
        if (strength.compareTo(weakest) <= 0
                && next >= first
                && next < end
                && !found.contains(from)) {
            add(from, next, by);
        }
    }

    private void add(long object, int next, String by) {
        found.put(object, steps.size());
        steps.add(new Step(object, next, by));
    }

    private String told(int first) throws IOException {
        Map<Long, Long> types = new HashMap<>();
        for (int i = first; i >= 0; i = steps.get(i).next) {
            types.put(steps.get(i).object, 0L);
        }
        dump.pass(
                (from, to, strength, by) -> {
                    if (by.equals("class")) {
                        types.computeIfPresent(from, (object, unknown) -> to);
                    }
                });
        var text = new StringBuilder(String.valueOf(dump.root(steps.get(first).object)));
        for (int i = first; i >= 0; i = steps.get(i).next) {
            Step step = steps.get(i);
            text.append(i == first ? " " : " -> ").append(name(step.object, types));
            text.append(step.by.isEmpty() ? "" : " (" + step.by + ")");
        }
        return text.toString();
    }

    private String name(long object, Map<Long, Long> types) {
        return dump.isClass(object)
                ? "class " + dump.className(object)
                : dump.className(types.getOrDefault(object, 0L));
    }
}
