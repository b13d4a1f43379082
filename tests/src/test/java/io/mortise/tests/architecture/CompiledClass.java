// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.architecture;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What one class file refers to, read from its constant pool.
 *
 * @param name binary name with dots, as {@code io.mortise.spi.TopicId}
 * @param classes every class named by a reference, a field or a method descriptor
 * @param members every field or method referred to, as {@code java.lang.System.nanoTime()J}
 */
record CompiledClass(String name, Set<String> classes, Set<String> members) {
    private static final Pattern DESCRIPTOR_CLASS = Pattern.compile("L([^;<>:]+);");
    private static final Pattern DESCRIPTOR = Pattern.compile("\\(.*\\).+|\\[*L[^;<>: ]+;");

    CompiledClass {
        classes = Set.copyOf(classes);
        members = Set.copyOf(members);
    }

    String packageName() {
        return packageOf(name);
    }

    static String packageOf(String className) {
        int dot = className.lastIndexOf('.');
        return dot < 0 ? "" : className.substring(0, dot);
    }

    /** All classes under a folder of class files, none if there is no such folder. */
    static List<CompiledClass> under(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .filter(file -> !file.endsWith("package-info.class"))
                    .map(CompiledClass::read)
                    .toList();
        }
    }

    static CompiledClass read(Path file) {
        try {
            return read(ClassFile.of().parse(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static CompiledClass read(ClassModel model) {
        Set<String> classes = new TreeSet<>();
        Set<String> members = new TreeSet<>();
        for (PoolEntry entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry e -> addClass(e.asInternalName(), classes);
                case NameAndTypeEntry e -> addDescriptor(e.type(), classes);
                case MemberRefEntry e ->
                        members.add(
                                dotted(e.owner().asInternalName())
                                        + "."
                                        + e.name().stringValue()
                                        + e.type().stringValue());
                // Descriptors of the class's own members and method types stand alone in the pool.
                case Utf8Entry e when DESCRIPTOR.matcher(e.stringValue()).matches() ->
                        addDescriptor(e, classes);
                default -> {}
            }
        }
        return new CompiledClass(dotted(model.thisClass().asInternalName()), classes, members);
    }

    private static void addClass(String internalName, Set<String> classes) {
        if (internalName.startsWith("[")) {
            addDescriptor(internalName, classes);
        } else {
            classes.add(dotted(internalName));
        }
    }

    private static void addDescriptor(Utf8Entry descriptor, Set<String> classes) {
        addDescriptor(descriptor.stringValue(), classes);
    }

    private static void addDescriptor(String descriptor, Set<String> classes) {
        DESCRIPTOR_CLASS
                .matcher(descriptor)
                .results()
                .forEach(found -> classes.add(dotted(found.group(1))));
    }

    private static String dotted(String internalName) {
        return internalName.replace('/', '.');
    }
}
