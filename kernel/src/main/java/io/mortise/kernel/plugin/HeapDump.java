// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * A dump as HotSpot writes it (HPROF 1.0.2, 8-byte identifiers), read in passes: classes, texts and
 * roots are kept, objects are only told. One thread.
 */
final class HeapDump {
    private static final int OBJECT = 2;
    private static final List<Strength> STRENGTHS = List.of(Strength.values());

    private final ByteBuffer bytes;
    private final LongIntMap texts = new LongIntMap();
    private final Map<Long, Long> classNames = new HashMap<>();
    private final Map<Long, HeapClass> classes = new HashMap<>();
    private final LongIntMap roots = new LongIntMap();
    private final List<String> rootKinds = new ArrayList<>();

    private final LongIntMap referents = new LongIntMap();

    private LongPredicate wanted = type -> false;
    private boolean learnt;

    /** A class: what it refers to itself, and where its objects refer to others. */
    private record HeapClass(
            long id,
            long parent,
            long loader,
            Map<String, Long> statics,
            List<Field> fields,
            int end) {}

    private record Field(String name, int type) {}

    /** Told of objects. */
    interface Visitor {
        /**
         * A reference from one object to another; neither is 0.
         *
         * @param strength of the referent of a {@link java.lang.ref.Reference} as its class says
         * @param by a field's name, or an index
         */
        void refers(long from, long to, Strength strength, String by);
    }

    /** How a reference holds an object, the strongest first. */
    enum Strength {
        STRONG,
        SOFT,
        /** Weak, phantom or final: not at all. */
        WEAK
    }

    HeapDump(ByteBuffer bytes) throws IOException {
        this.bytes = bytes;
        pass(type -> false, (from, to, strength, by) -> {});
        learnt = true;
    }

    /** What kind of root an object is, or null if it is none. */
    @Nullable String root(long object) {
        int kind = roots.get(object);
        return kind < 0 ? null : rootKinds.get(kind);
    }

    /** The identifier of a class of that name, or 0. */
    long classOf(String name) {
        for (long type : classes.keySet()) {
            if (name.equals(className(type))) {
                return type;
            }
        }
        return 0;
    }

    boolean isClass(long object) {
        return classes.containsKey(object);
    }

    String className(long type) {
        int at = texts.get(classNames.getOrDefault(type, 0L));
        return at < 0 ? "?" : text(at).replace('/', '.');
    }

    /** Tells every reference of every object and class. */
    void pass(Visitor visitor) throws IOException {
        pass(type -> true, visitor);
    }

    /**
     * As {@link #pass(Visitor)}, but of objects and arrays of these classes, and of classes, only.
     */
    void pass(LongPredicate types, Visitor visitor) throws IOException {
        wanted = types;
        bytes.position(0);
        int character = bytes.get();
        while (character != 0) {
            character = bytes.get(); // of the format's name
        }
        if (bytes.getInt() != Long.BYTES) {
            throw new IOException("a heap with identifiers of another size than 8 bytes");
        }
        skip(8);
        while (bytes.hasRemaining()) {
            record(visitor);
        }
    }

    private void record(Visitor visitor) throws IOException {
        int tag = bytes.get();
        skip(4);
        int length = bytes.getInt();
        int start = bytes.position();
        if (tag == 0x0C || tag == 0x1C) {
            segment(start + length, visitor);
        } else if (tag == 0x01 && !learnt) {
            texts.put(bytes.getLong(), start - 4); // behind the length
        } else if (tag == 0x02 && !learnt) {
            skip(4);
            long type = bytes.getLong();
            skip(4);
            classNames.put(type, bytes.getLong());
        }
        bytes.position(start + length);
    }

    private String text(int at) {
        byte[] text = new byte[bytes.getInt(at) - 8];
        bytes.get(at + 12, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private void segment(int end, Visitor visitor) throws IOException {
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
                case 0x20 -> type(visitor);
                case 0x21 -> instance(at, visitor);
                case 0x22 -> array(at, visitor);
                case 0x23 ->
                        bytes.position(at + 18 + bytes.getInt(at + 13) * size(bytes.get(at + 17)));
                default -> throw new IOException("a heap with tag " + tag + " at " + at);
            }
        }
    }

    private void root(String kind, int more) {
        long object = bytes.getLong();
        if (!learnt && !roots.contains(object)) {
            if (!rootKinds.contains(kind)) {
                rootKinds.add(kind);
            }
            roots.put(object, rootKinds.indexOf(kind));
        }
        skip(more);
    }

    private void instance(int at, Visitor visitor) {
        long type = bytes.getLong(at + 13);
        if (wanted.test(type)) {
            long from = bytes.getLong(at + 1);
            tell(visitor, from, type, Strength.STRONG, "class");
            fields(at + 25, from, type, visitor);
        }
        bytes.position(at + 25 + bytes.getInt(at + 21));
    }

    private void fields(int start, long from, long ofType, Visitor visitor) {
        int position = start;
        Strength referent = referent(ofType);
        for (HeapClass it = classes.get(ofType); it != null; it = classes.get(it.parent)) {
            for (Field field : it.fields) {
                if (field.type == OBJECT) {
                    Strength strength = field.name.equals("referent") ? referent : Strength.STRONG;
                    tell(visitor, from, bytes.getLong(position), strength, field.name);
                }
                position += size(field.type);
            }
        }
    }

    /** How strongly a class holds what its field of that name refers to. */
    private Strength referent(long type) {
        int known = referents.get(type);
        if (known < 0) {
            HeapClass it = classes.get(type);
            Strength strength =
                    it == null
                            ? Strength.STRONG
                            : switch (className(type)) {
                                case "java.lang.ref.Reference" -> Strength.WEAK;
                                case "java.lang.ref.SoftReference" -> Strength.SOFT;
                                default -> referent(it.parent);
                            };
            known = strength.ordinal();
            referents.put(type, known);
        }
        return STRENGTHS.get(known);
    }

    private void array(int at, Visitor visitor) {
        int count = bytes.getInt(at + 13);
        long type = bytes.getLong(at + 17);
        if (wanted.test(type)) {
            long from = bytes.getLong(at + 1);
            tell(visitor, from, type, Strength.STRONG, "class");
            for (int i = 0; i < count; i++) {
                tell(visitor, from, bytes.getLong(at + 25 + 8 * i), Strength.STRONG, "[]");
            }
        }
        bytes.position(at + 25 + 8 * count);
    }

    private void type(Visitor visitor) {
        HeapClass type = classes.get(bytes.getLong(bytes.position()));
        if (type == null) {
            type = newType();
            classes.put(type.id, type);
            return;
        }
        tell(visitor, type.id, type.parent, Strength.STRONG, "super class");
        tell(visitor, type.id, type.loader, Strength.STRONG, "loader");
        for (Map.Entry<String, Long> field : type.statics.entrySet()) {
            visitor.refers(type.id, field.getValue(), Strength.STRONG, "static " + field.getKey());
        }
        bytes.position(type.end);
    }

    private HeapClass newType() {
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
            int name = texts.get(bytes.getLong());
            int type = bytes.get();
            if (type == OBJECT) {
                long to = bytes.getLong();
                if (to != 0) {
                    statics.put(name < 0 ? "?" : text(name), to);
                }
            } else {
                skip(size(type));
            }
        }
        List<Field> fields = new ArrayList<>();
        for (int i = bytes.getShort(); i > 0; i--) {
            int name = texts.get(bytes.getLong());
            fields.add(new Field(name < 0 ? "?" : text(name).intern(), bytes.get()));
        }
        return new HeapClass(id, parent, loader, statics, fields, bytes.position());
    }

    private static void tell(Visitor visitor, long from, long to, Strength strength, String by) {
        if (to != 0) {
            visitor.refers(from, to, strength, by);
        }
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
            default -> throw new IllegalStateException("no type of HPROF: " + type);
        };
    }
}
