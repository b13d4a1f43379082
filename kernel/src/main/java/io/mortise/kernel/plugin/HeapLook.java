// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.plugin.HeapDump.Strength;
import io.mortise.kernel.runtime.HeapDumps;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Asks the heap of this process who holds objects that should be gone. */
final class HeapLook {
    private HeapLook() {}

    /**
     * Who holds an object.
     *
     * @param strength of the weakest reference of the strongest path; WEAK: the object is gone
     * @param path from a root to the object; empty if there is none
     */
    record Holder(Strength strength, String path) {}

    /** How a dump is told which objects are meant; there is one at a time. */
    private record Sought(WeakReference<?>[] objects) {
        private static final String FIELD = "objects";
    }

    /**
     * Who holds each object. The process stands still while its heap is written.
     *
     * @param file for the dump; must not exist
     */
    static List<Holder> holders(List<? extends WeakReference<?>> objects, Path file)
            throws IOException {
        synchronized (HeapLook.class) {
            var sought = new Sought(objects.toArray(WeakReference<?>[]::new));
            List<Holder> holders =
                    HeapDumps.look(file, bytes -> holders(new HeapDump(bytes), objects.size()));
            return holders.subList(0, sought.objects.length);
        }
    }

    private static List<Holder> holders(HeapDump dump, int count) throws IOException {
        var holders = new ArrayList<Holder>();
        for (long target : targets(dump, count)) {
            holders.add(holder(dump, target));
        }
        return holders;
    }

    private static Holder holder(HeapDump dump, long target) throws IOException {
        for (Strength strength : List.of(Strength.STRONG, Strength.SOFT)) {
            String path = target == 0 ? null : HeapPath.to(target, dump, strength);
            if (path != null) {
                return new Holder(strength, path);
            }
        }
        return new Holder(Strength.WEAK, "");
    }

    /** From the record to its array, to the references in it, to what they refer to. */
    private static long[] targets(HeapDump dump, int count) throws IOException {
        long sought = dump.classOf(Sought.class.getName());
        long[] array = new long[1];
        dump.pass(type -> type == sought, (from, to, strength, by) -> keep(array, to, by));
        var references = new LongIntMap();
        dump.pass(
                (from, to, strength, by) -> {
                    if (from == array[0] && by.equals("[]")) {
                        references.put(to, references.size());
                    }
                });
        long[] targets = new long[count];
        dump.pass(
                (from, to, strength, by) -> {
                    if (strength == Strength.WEAK && references.contains(from)) {
                        targets[references.get(from)] = to;
                    }
                });
        return targets;
    }

    private static void keep(long[] array, long to, String by) {
        if (by.equals(Sought.FIELD)) {
            array[0] = to;
        }
    }
}
