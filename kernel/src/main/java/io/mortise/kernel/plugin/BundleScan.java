// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A look at everything in a bundle, the jars nested in it too, in one pass and without loading a
 * class.
 */
final class BundleScan {
    private static final String THIRD_PARTY = "META-INF/THIRD-PARTY.txt";
    private static final int MAGIC = 0xCAFEBABE;
    private static final int PREVIEW = 0xFFFF;
    private static final int MAX_BYTES = 1 << 20;

    /** Where a class of a library was seen first: the bundle itself is {@code ""}. */
    private final Map<String, String> copies = new TreeMap<>();

    private final Set<String> libraries = new TreeSet<>();
    private final Map<String, Integer> tooNew = new TreeMap<>();
    private final Set<String> preview = new TreeSet<>();
    private final Map<String, byte[]> wanted = new HashMap<>();
    private final Set<String> classes;
    private final int newest;
    private @Nullable String thirdParty;

    private BundleScan(Set<String> classes, int newest) {
        this.classes = classes;
        this.newest = newest;
    }

    /**
     * Reads the whole file.
     *
     * @param classes whose class files are kept, as binary names with slashes
     * @param newest class-file version that this broker can load
     */
    static BundleScan of(BundleFile file, Set<String> classes, int newest) throws IOException {
        var scan = new BundleScan(classes, newest);
        try (ZipInputStream in = new ZipInputStream(file.stream())) {
            scan.read(in, "");
        }
        return scan;
    }

    /** The class files that were asked for and are there, by binary name with slashes. */
    Map<String, byte[]> wanted() {
        return wanted;
    }

    /** Jars nested in the bundle, by path. */
    Set<String> libraries() {
        return libraries;
    }

    /** Classes of a too new version, with that version. */
    Map<String, Integer> tooNew() {
        return tooNew;
    }

    /** Classes that use preview features of their JDK. */
    Set<String> preview() {
        return preview;
    }

    /** Libraries of the broker that the bundle holds itself, each with the jar it lies in. */
    Map<String, String> copies() {
        return copies;
    }

    /** Text of META-INF/THIRD-PARTY.txt, or null. */
    @Nullable String thirdParty() {
        return thirdParty;
    }

    private void read(ZipInputStream in, String library) throws IOException {
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            String name = entry.getName();
            if (name.endsWith(".class")) {
                takeClass(name, in, library);
            } else if (library.isEmpty() && name.endsWith(".jar")) {
                libraries.add(name);
                try (var nested = new ZipInputStream(new Unclosed(in))) {
                    read(nested, name);
                }
            } else if (library.isEmpty() && name.equals(THIRD_PARTY)) {
                thirdParty = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
            }
        }
    }

    private void takeClass(String path, ZipInputStream in, String library) throws IOException {
        if (path.startsWith("META-INF/") || path.endsWith("module-info.class")) {
            return; // for other JDKs, or for no class path
        }
        String name = path.substring(0, path.length() - ".class".length());
        BrokersLibrary copied = BrokersLibrary.of(name);
        if (copied != null) {
            copies.putIfAbsent(copied.title(), library);
        }
        byte[] start = in.readNBytes(8);
        if (start.length == 8) {
            judgeVersion(name.replace('/', '.'), ByteBuffer.wrap(start));
        }
        if (classes.contains(name)) {
            byte[] rest = in.readAllBytes();
            byte[] whole = new byte[start.length + rest.length];
            System.arraycopy(start, 0, whole, 0, start.length);
            System.arraycopy(rest, 0, whole, start.length, rest.length);
            wanted.putIfAbsent(name, whole);
        }
    }

    private void judgeVersion(String name, ByteBuffer start) {
        if (start.getInt() != MAGIC) {
            return;
        }
        int minor = Short.toUnsignedInt(start.getShort());
        int major = Short.toUnsignedInt(start.getShort());
        if (major > newest) {
            tooNew.put(name, major);
        } else if (minor == PREVIEW) {
            preview.add(name);
        }
    }

    /** What the broker offers to plugins, and what they must not bring along. */
    private enum BrokersLibrary {
        SPI("io/mortise/spi/", "Mortise's SPI"),
        NETTY("io/netty/", "Netty"),
        SLF4J("org/slf4j/", "slf4j"),
        OSGI("org/osgi/framework/", "OSGi's framework");

        private final String prefix;
        private final String title;

        BrokersLibrary(String prefix, String title) {
            this.prefix = prefix;
            this.title = title;
        }

        static @Nullable BrokersLibrary of(String name) {
            for (BrokersLibrary library : values()) {
                if (name.startsWith(library.prefix)) {
                    return library;
                }
            }
            return null;
        }

        String title() {
            return title;
        }
    }

    /** A nested jar ends before the bundle does. */
    private static final class Unclosed extends FilterInputStream {
        Unclosed(InputStream in) {
            super(in);
        }

        @Override
        public void close() {
            // the bundle's reader goes on
        }
    }
}
