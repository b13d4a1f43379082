// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.List;

/**
 * What a class file says about its class, which is not loaded.
 *
 * @param parents superclass and interfaces, as binary names with slashes
 * @param fault why {@link java.util.ServiceLoader} cannot make one; null if it can
 */
record ClassOutline(List<String> parents, @Nullable String fault) {
    /**
     * Reads a class file.
     *
     * @throws IllegalArgumentException it is none
     */
    static ClassOutline read(byte[] file) {
        ClassModel model = ClassFile.of().parse(file);
        var parents = new ArrayList<String>();
        model.superclass().ifPresent(parent -> parents.add(parent.asInternalName()));
        model.interfaces().forEach(parent -> parents.add(parent.asInternalName()));
        return new ClassOutline(parents, fault(model));
    }

    private static @Nullable String fault(ClassModel model) {
        if (!model.flags().has(AccessFlag.PUBLIC)) {
            return "is not public";
        }
        if (model.flags().has(AccessFlag.ABSTRACT)) {
            return "is abstract or an interface";
        }
        return model.methods().stream().anyMatch(ClassOutline::makes)
                ? null
                : "has no public constructor without arguments";
    }

    private static boolean makes(MethodModel method) {
        return method.methodName().equalsString("<init>")
                && method.methodType().equalsString("()V")
                && method.flags().has(AccessFlag.PUBLIC);
    }
}
