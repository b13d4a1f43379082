// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.runtime.ClassDirectory;

import org.osgi.framework.Version;

import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Versions of packages that lie as classes in a directory, without a manifest: as a build runs
 * tests. They stand in {@code @Version} of each package-info, which only the class file keeps.
 */
final class AnnotatedPackages {
    private static final String VERSION = "Lorg/osgi/annotation/versioning/Version;";

    private AnnotatedPackages() {}

    /** The packages below a directory that carry a version. */
    static Map<String, Version> below(URI directory) {
        var versions = new TreeMap<String, Version>();
        try {
            for (byte[] info : ClassDirectory.packageInfos(directory)) {
                add(ClassFile.of().parse(info), versions);
            }
        } catch (IOException unreadable) {
            throw new IllegalStateException("cannot read " + directory, unreadable);
        }
        return versions;
    }

    private static void add(ClassModel info, Map<String, Version> versions) {
        List<Annotation> annotations =
                info.findAttribute(Attributes.runtimeInvisibleAnnotations())
                        .map(attribute -> attribute.annotations())
                        .orElse(List.of());
        for (Annotation annotation : annotations) {
            if (annotation.className().equalsString(VERSION)
                    && annotation.elements().getFirst().value()
                            instanceof AnnotationValue.OfString value) {
                String name = info.thisClass().asInternalName().replace('/', '.');
                String parent = name.substring(0, name.length() - ".package-info".length());
                versions.put(parent, Version.parseVersion(value.stringValue()));
            }
        }
    }
}
