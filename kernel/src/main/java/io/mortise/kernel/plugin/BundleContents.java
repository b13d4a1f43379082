// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * What a bundle says about itself.
 *
 * @param manifest its main attributes
 * @param services per SPI interface the classes that META-INF/services names
 */
public record BundleContents(
        PluginDescriptor descriptor, Attributes manifest, Map<String, List<String>> services) {
    private static final String SERVICES = "META-INF/services/";

    /** Largest of the small files read into memory: a guard against what is no plugin. */
    private static final int MAX_BYTES = 1 << 20;

    /** Reads a jar from its start, until everything wanted was seen. */
    static BundleContents read(String file, InputStream jar) throws IOException {
        var found = new Found(file);
        try (ZipInputStream in = new ZipInputStream(jar)) {
            ZipEntry entry = in.getNextEntry();
            while (entry != null && !found.complete(entry.getName())) {
                found.take(entry.getName(), in);
                entry = in.getNextEntry();
            }
        }
        return found.contents();
    }

    /** Files seen so far. */
    private static final class Found {
        private final String file;
        private final Map<String, List<String>> services = new HashMap<>();
        private @Nullable PluginDescriptor descriptor;
        private @Nullable Attributes manifest;

        Found(String file) {
            this.file = file;
        }

        /** Tools write META-INF first, so what lies behind it need not be unpacked. */
        boolean complete(String next) {
            return descriptor != null
                    && manifest != null
                    && services.keySet().containsAll(descriptor.provides())
                    && !next.startsWith("META-INF/");
        }

        void take(String name, InputStream in) throws IOException {
            if (name.equals(PluginDescriptor.PATH)) {
                descriptor = DescriptorParser.parse(file, in.readNBytes(MAX_BYTES));
            } else if (name.equals("META-INF/MANIFEST.MF")) {
                manifest = new Manifest(in).getMainAttributes();
            } else if (name.startsWith(SERVICES) && !name.endsWith("/")) {
                services.put(
                        name.substring(SERVICES.length()), classNames(in.readNBytes(MAX_BYTES)));
            }
        }

        BundleContents contents() {
            if (manifest == null || manifest.getValue("Bundle-SymbolicName") == null) {
                throw new RefusedException(
                        Reason.INVALID_REQUEST,
                        file
                                + " is no OSGi bundle (no Bundle-SymbolicName in its manifest):"
                                + " build it with the parent mortise-plugin-parent");
            }
            if (descriptor == null) {
                throw new RefusedException(
                        Reason.INVALID_REQUEST,
                        file
                                + " is no Mortise plugin: it lacks "
                                + PluginDescriptor.PATH
                                + "; add the descriptor and build it again");
            }
            return new BundleContents(descriptor, manifest, services);
        }
    }

    /** As {@link java.util.ServiceLoader} reads them: a name per line, comments after {@code #}. */
    static List<String> classNames(byte[] serviceFile) {
        return new String(serviceFile, StandardCharsets.UTF_8)
                .lines()
                .map(line -> (line.indexOf('#') < 0 ? line : line.split("#", 2)[0]).trim())
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
