// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.runtime.ObjectMethods;

/**
 * The JDK's memory of the last record type that was compared, hashed or shown: method handles in
 * {@link ObjectMethods} keep what they were adapted to for it, softly, until they are adapted to
 * another one. So the classes of a stopped plugin would stay until memory is short.
 */
final class RecordCaches {
    /** Only types of loaders that may go are kept so: this one's stays, but is small. */
    private static final Class<?> FILLER = new FillerLoader().filler();

    private RecordCaches() {}

    /** Has the JDK remember another record. */
    static void forget() {
        try {
            MethodHandles.Lookup lookup =
                    MethodHandles.privateLookupIn(FILLER, MethodHandles.lookup());
            MethodHandle content = lookup.findGetter(FILLER, "content", FILLER);
            adapt(
                    lookup,
                    "equals",
                    MethodType.methodType(boolean.class, FILLER, Object.class),
                    content);
            adapt(lookup, "hashCode", MethodType.methodType(int.class, FILLER), content);
            adapt(lookup, "toString", MethodType.methodType(String.class, FILLER), content);
        } catch (Throwable bug) {
            throw new IllegalStateException(bug);
        }
    }

    private static void adapt(
            MethodHandles.Lookup lookup, String method, MethodType type, MethodHandle content)
            throws Throwable {
        ObjectMethods.bootstrap(lookup, method, type, FILLER, "content", content);
    }

    /** Defines {@link FillerRecord} once more. */
    private static final class FillerLoader extends ClassLoader {
        FillerLoader() {
            super("filler", RecordCaches.class.getClassLoader());
        }

        Class<?> filler() {
            String name = FillerRecord.class.getName();
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new IllegalStateException(name + " is not on the class path");
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException unreadable) {
                throw new IllegalStateException(unreadable);
            }
        }
    }
}
