// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import com.sun.management.HotSpotDiagnosticMXBean;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The heap of this process, asked for the path that keeps a plugin's class loader alive. Reads
 * HPROF 1.0.2 as HotSpot writes it: 8-byte identifiers.
 */
public final class HeapDump {
    private static final int OBJECT = 2;

    private final MappedByteBuffer bytes;
    private final Map<Long, String> texts = new HashMap<>();
    private final Map<Long, Long> classNames = new HashMap<>();
    private final Map<Long, HeapClass> classes = new HashMap<>();
    private final Map<Long, Integer> objects = new HashMap<>();
    private final Map<Long, String> roots = new LinkedHashMap<>();

    /** A class: what it refers to itself, and which fields its objects have. */
    private record HeapClass(
            long id, long parent, long loader, Map<String, Long> statics, List<Field> fields) {}

    private record Field(String name, int type) {}

    /** How the search came to an object. */
    private record Step(long from, String by) {}

    /** Told of each reference. */
    private interface Reference {
        void refers(long to, String by);
    }

    private HeapDump(MappedByteBuffer bytes) {
        this.bytes = bytes;
    }

    /**
     * The shortest strong path from a root to a loader of a class whose name begins so, or null if
     * there is none.
     */
    public static @Nullable String pathToLoaderOf(String classPrefix) throws IOException {
        return taken(dump -> dump.path(classPrefix));
    }

    /** The shortest strong path from a root to an object of exactly this class, or null. */
    public static @Nullable String pathToObjectOf(String className) throws IOException {
        return taken(dump -> dump.pathToObject(className));
    }

    private static @Nullable String taken(Function<HeapDump, @Nullable String> question)
            throws IOException {
        Path directory = Files.createTempDirectory("heap");
        Path file = directory.resolve("dump.hprof");
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .dumpHeap(file.toString(), true);
            try (FileChannel channel = FileChannel.open(file)) {
                var dump =
                        new HeapDump(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
                dump.read();
                return question.apply(dump);
            }
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    private @Nullable String pathToObject(String className) {
        for (long object : objects.keySet()) {
            if (describe(object).equals(className)) {
                String path = path(object);
                if (path != null) {
                    return path;
                }
            }
        }
        return null;
    }

    private @Nullable String path(String classPrefix) {
        for (HeapClass type : classes.values()) {
            if (type.loader != 0 && name(type.id).startsWith(classPrefix)) {
                String path = path(type.loader);
                if (path != null) {
                    return path;
                }
            }
        }
        return null;
    }

    private @Nullable String path(long target) {
        Map<Long, Step> steps = new HashMap<>();
        Deque<Long> queue = new ArrayDeque<>();
        roots.forEach(
                (root, kind) -> {
                    steps.put(root, new Step(0, kind));
                    queue.add(root);
                });
        for (Long next = queue.poll(); next != null; next = queue.poll()) {
            long object = next;
            if (object == target) {
                return told(target, steps);
            }
            references(
                    object,
                    (to, by) -> {
                        if (to != 0 && steps.putIfAbsent(to, new Step(object, by)) == null) {
                            queue.add(to);
                        }
                    });
        }
        return null;
    }

    private String told(long target, Map<Long, Step> steps) {
        List<String> lines = new ArrayList<>();
        for (long object = target; object != 0; object = steps.get(object).from) {
            lines.add(steps.get(object).by + ": " + describe(object));
        }
        Collections.reverse(lines);
        return String.join("\n  ", lines);
    }

    private String describe(long object) {
        if (classes.containsKey(object)) {
            return "class " + name(object);
        }
        Integer at = objects.get(object);
        if (at == null) {
            return "?";
        }
        return switch (bytes.get(at)) {
            case 0x21 -> name(bytes.getLong(at + 13));
            case 0x22 -> name(bytes.getLong(at + 17));
            default -> "array of numbers";
        };
    }

    private String name(long type) {
        return texts.getOrDefault(classNames.getOrDefault(type, 0L), "?").replace('/', '.');
    }

    private void references(long object, Reference reference) {
        HeapClass type = classes.get(object);
        Integer at = objects.get(object);
        if (type != null) {
            reference.refers(type.parent, "super class");
            reference.refers(type.loader, "loader");
            type.statics.forEach((name, value) -> reference.refers(value, "static " + name));
        } else if (at != null && bytes.get(at) == 0x21) {
            instance(at, reference);
        } else if (at != null && bytes.get(at) == 0x22) {
            reference.refers(bytes.getLong(at + 17), "class");
            for (int i = 0; i < bytes.getInt(at + 13); i++) {
                reference.refers(bytes.getLong(at + 25 + 8 * i), "[" + i + "]");
            }
        }
    }

    private void instance(int at, Reference reference) {
        HeapClass type = classes.get(bytes.getLong(at + 13));
        reference.refers(bytes.getLong(at + 13), "class");
        int position = at + 25;
        boolean weak = isReference(type);
        while (type != null) {
            for (Field field : type.fields) {
                if (field.type == OBJECT && !(weak && field.name.equals("referent"))) {
                    reference.refers(bytes.getLong(position), field.name);
                }
                position += size(field.type);
            }
            type = classes.get(type.parent);
        }
    }

    private boolean isReference(@Nullable HeapClass type) {
        for (HeapClass it = type; it != null; it = classes.get(it.parent)) {
            if (name(it.id).equals("java.lang.ref.Reference")) {
                return true;
            }
        }
        return false;
    }

    private void read() {
        int character = bytes.get();
        while (character != 0) {
            character = bytes.get(); // of the format's name
        }
        skip(12);
        while (bytes.hasRemaining()) {
            int tag = bytes.get();
            skip(4);
            int length = bytes.getInt();
            int end = bytes.position() + length;
            switch (tag) {
                case 0x01 -> text(end);
                case 0x02 -> {
                    skip(4);
                    long type = bytes.getLong();
                    skip(4);
                    classNames.put(type, bytes.getLong());
                }
                case 0x0C, 0x1C -> segment(end);
                default -> {}
            }
            bytes.position(end);
        }
    }

    private void text(int end) {
        long id = bytes.getLong();
        byte[] text = new byte[end - bytes.position()];
        bytes.get(text);
        texts.put(id, new String(text, java.nio.charset.StandardCharsets.UTF_8));
    }

    private void segment(int end) {
        while (bytes.position() < end) {
            int at = bytes.position();
            int tag = bytes.get() & 0xFF;
            switch (tag) {
                case 0xFF -> root("unknown", 0);
                case 0x01 -> root("JNI global", 8);
                case 0x02 -> root("JNI local", 8);
                case 0x03 -> root("stack frame", 8);
                case 0x04 -> root("native stack", 4);
                case 0x05 -> root("system class", 0);
                case 0x06 -> root("thread block", 4);
                case 0x07 -> root("monitor", 0);
                case 0x08 -> root("thread", 8);
                case 0x20 -> type();
                case 0x21 -> object(at);
                case 0x22 -> objects(at);
                case 0x23 -> numbers(at);
                default -> throw new IllegalStateException("tag " + tag + " at " + at);
            }
        }
    }

    private void root(String kind, int more) {
        roots.putIfAbsent(bytes.getLong(), kind);
        skip(more);
    }

    private void object(int at) {
        objects.put(bytes.getLong(at + 1), at);
        bytes.position(at + 25 + bytes.getInt(at + 21));
    }

    private void objects(int at) {
        objects.put(bytes.getLong(at + 1), at);
        bytes.position(at + 25 + 8 * bytes.getInt(at + 13));
    }

    private void numbers(int at) {
        objects.put(bytes.getLong(at + 1), at);
        bytes.position(at + 18 + bytes.getInt(at + 13) * size(bytes.get(at + 17)));
    }

    private void type() {
        long id = bytes.getLong();
        skip(4);
        long parent = bytes.getLong();
        long loader = bytes.getLong();
        skip(36);
        for (int i = bytes.getShort(); i > 0; i--) {
            skip(2);
            skip(size(bytes.get()));
        }
        Map<String, Long> statics = new LinkedHashMap<>();
        for (int i = bytes.getShort(); i > 0; i--) {
            String name = texts.getOrDefault(bytes.getLong(), "?");
            int type = bytes.get();
            if (type == OBJECT) {
                statics.put(name, bytes.getLong());
            } else {
                skip(size(type));
            }
        }
        List<Field> fields = new ArrayList<>();
        for (int i = bytes.getShort(); i > 0; i--) {
            fields.add(new Field(texts.getOrDefault(bytes.getLong(), "?"), bytes.get()));
        }
        classes.put(id, new HeapClass(id, parent, loader, statics, fields));
    }

    private void skip(int count) {
        bytes.position(bytes.position() + count);
    }

    private static int size(int type) {
        return switch (type) {
            case OBJECT, 7, 11 -> 8;
            case 4, 8 -> 1;
            case 5, 9 -> 2;
            case 6, 10 -> 4;
            default -> throw new IllegalStateException("type " + type);
        };
    }
}
