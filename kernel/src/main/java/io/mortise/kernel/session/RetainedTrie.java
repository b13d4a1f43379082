// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The retained messages of one tenant by the levels of their addresses. Guarded by its owner. */
final class RetainedTrie {
    private static final class Node {
        final Map<String, Node> children = new HashMap<>(2);
        @Nullable ByteBuf message;
    }

    private final Node root = new Node();

    void put(String address, ByteBuf message) {
        Node node = root;
        for (String level : address.split("/", -1)) {
            node = node.children.computeIfAbsent(level, l -> new Node());
        }
        node.message = message;
    }

    void remove(String address) {
        remove(root, address.split("/", -1), 0);
    }

    private static boolean remove(Node node, String[] levels, int depth) {
        if (depth == levels.length) {
            node.message = null;
        } else {
            Node child = node.children.get(levels[depth]);
            if (child != null && remove(child, levels, depth + 1)) {
                node.children.remove(levels[depth]);
            }
        }
        return node.message == null && node.children.isEmpty();
    }

    /** Adds what the filter's segments match to {@code found}. */
    void match(List<String> segments, List<ByteBuf> found) {
        match(root, segments, 0, found);
    }

    private static void match(Node node, List<String> segments, int depth, List<ByteBuf> found) {
        if (depth == segments.size()) {
            add(node, found);
            return;
        }
        String segment = segments.get(depth);
        switch (segment) {
            case "#" -> all(node, depth == 0, found);
            case "+" ->
                    node.children.forEach(
                            (level, child) -> {
                                if (depth > 0 || !level.startsWith("$")) {
                                    match(child, segments, depth + 1, found);
                                }
                            });
            default -> {
                Node child = node.children.get(segment);
                if (child != null) {
                    match(child, segments, depth + 1, found);
                }
            }
        }
    }

    private static void all(Node node, boolean atRoot, List<ByteBuf> found) {
        add(node, found);
        node.children.forEach(
                (level, child) -> {
                    if (!atRoot || !level.startsWith("$")) {
                        all(child, false, found);
                    }
                });
    }

    private static void add(Node node, List<ByteBuf> found) {
        if (node.message != null) {
            found.add(node.message);
        }
    }
}
