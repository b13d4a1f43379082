// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The rules: each takes the classes of one room and says what breaks it, a line for each breach.
 */
final class Rules {
    private Rules() {}

    private static final List<String> JDK =
            List.of(
                    "java.",
                    "javax.",
                    "jdk.",
                    "org.ietf.jgss.",
                    "org.xml.sax.",
                    "org.w3c.dom.",
                    "sun.misc.");

    /** A room names its own classes, the JDK, and what its line in {@link Room#all()} allows. */
    static List<String> imports(Room room, List<CompiledClass> classes) {
        return references(
                classes,
                (from, to) ->
                        !to.contains(".") // primitive arrays and the like
                                || room.owns(to)
                                || startsWithAny(to, JDK)
                                || startsWithAny(to, room.mayUse()),
                "must not use");
    }

    /**
     * Of Netty the SPI names buffers with their count of references, and channels in spi.protocol
     * alone.
     */
    static List<String> nettyInSpi(List<CompiledClass> classes) {
        return references(
                classes,
                (from, to) ->
                        !to.startsWith("io.netty.")
                                || to.startsWith("io.netty.buffer.")
                                || to.equals("io.netty.util.ReferenceCounted")
                                || (to.startsWith("io.netty.channel.")
                                        && from.packageName().equals("io.mortise.spi.protocol")),
                "must not use");
    }

    /** A library that only some packages of a room may name. */
    static List<String> libraryOnlyIn(
            String library, Set<String> packages, List<CompiledClass> classes) {
        return references(
                classes,
                (from, to) -> !to.startsWith(library) || packages.contains(from.packageName()),
                "is not among " + packages + " and must not use");
    }

    /**
     * Packages import only those of a lower layer.
     *
     * @param layers first level below the room's root to its rank; what has no rank is not judged
     *     here
     */
    static List<String> layers(
            Room room, Map<String, Integer> layers, List<CompiledClass> classes) {
        return references(
                classes,
                (from, to) -> {
                    if (!room.owns(to)) {
                        return true;
                    }
                    String source = layer(room, from.packageName());
                    String target = layer(room, CompiledClass.packageOf(to));
                    Integer sourceRank = layers.get(source);
                    Integer targetRank = layers.get(target);
                    return source.equals(target)
                            || sourceRank == null
                            || targetRank == null
                            || sourceRank > targetRank;
                },
                "lies in a layer that must not use");
    }

    private static String layer(Room room, String packageName) {
        String below = room.packageBelow(packageName);
        int dot = below.indexOf('.');
        return dot < 0 ? below : below.substring(0, dot);
    }

    /** No package of a room reaches itself by way of another one. */
    static List<String> cycles(Room room, List<CompiledClass> classes) {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (CompiledClass from : classes) {
            for (String to : from.classes()) {
                String target = CompiledClass.packageOf(to);
                if (room.owns(to) && !target.equals(from.packageName())) {
                    uses.computeIfAbsent(from.packageName(), any -> new TreeSet<>()).add(target);
                }
            }
        }
        List<String> found = new ArrayList<>();
        for (String start : uses.keySet()) {
            List<String> cycle = pathBack(start, uses);
            // Each cycle is reported once, from its first package in the alphabet.
            if (!cycle.isEmpty()
                    && start.equals(cycle.stream().sorted().findFirst().orElseThrow())) {
                found.add("cycle: " + String.join(" -> ", cycle) + " -> " + start);
            }
        }
        return found;
    }

    /** The shortest way from a package back to itself, empty if there is none. */
    private static List<String> pathBack(String start, Map<String, Set<String>> uses) {
        Map<String, String> cameFrom = new TreeMap<>();
        List<String> queue = new ArrayList<>(List.of(start));
        for (int i = 0; i < queue.size(); i++) {
            String at = queue.get(i);
            for (String next : uses.getOrDefault(at, Set.of())) {
                if (next.equals(start)) {
                    List<String> path = new ArrayList<>();
                    for (String step = at; !step.equals(start); step = cameFrom.get(step)) {
                        path.addFirst(step);
                    }
                    path.addFirst(start);
                    return path;
                }
                if (cameFrom.putIfAbsent(next, at) == null) {
                    queue.add(next);
                }
            }
        }
        return List.of();
    }

    /** Clock, threads, randomness and files are handed in; only exempt classes make real ones. */
    static List<String> ambient(Predicate<String> exempt, Collection<CompiledClass> classes) {
        List<String> found = new ArrayList<>();
        for (CompiledClass from : classes) {
            if (exempt.test(from.name())) {
                continue;
            }
            for (String member : new TreeSet<>(from.members())) {
                if (Ambient.forbidden(member)) {
                    found.add(from.name() + " must not call " + nameOf(member));
                }
            }
        }
        return found;
    }

    private static String nameOf(String member) {
        return member.substring(0, (member + "(").indexOf('('));
    }

    private interface Allowed {
        boolean test(CompiledClass from, String to);
    }

    private static List<String> references(
            List<CompiledClass> classes, Allowed allowed, String complaint) {
        List<String> found = new ArrayList<>();
        for (CompiledClass from : classes) {
            for (String to : new TreeSet<>(from.classes())) {
                if (!allowed.test(from, to)) {
                    found.add(from.name() + " " + complaint + " " + to);
                }
            }
        }
        return found;
    }

    private static boolean startsWithAny(String name, List<String> prefixes) {
        return prefixes.stream().anyMatch(name::startsWith);
    }
}
