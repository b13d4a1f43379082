// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A plugin on the flat class path: for embedding and tests. Its classes stay.
 *
 * @param root where descriptor and classes lie, as a code source names it
 */
record ClassPathUnit(
        PluginDescriptor descriptor, String root, ClassLoader loader, BundleInspection inspection)
        implements PluginUnit {
    /** Every plugin whose descriptor the loader finds. */
    static List<PluginUnit> all(ClassLoader loader, BundleInspection inspection) {
        var units = new ArrayList<PluginUnit>();
        try {
            for (URL url : Collections.list(loader.getResources(PluginDescriptor.PATH))) {
                try (InputStream in = url.openStream()) {
                    String root = root(url.toString());
                    var descriptor = DescriptorParser.parse(root, in.readAllBytes());
                    units.add(new ClassPathUnit(descriptor, root, loader, inspection));
                }
            }
        } catch (IOException unreadable) {
            throw new IllegalStateException("cannot read the class path", unreadable);
        }
        return units;
    }

    /** Whether the class lies beside the descriptor. */
    boolean owns(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source != null && root.equals(source.getLocation().toString());
    }

    @Override
    public String file() {
        return "class path";
    }

    @Override
    public Origin origin() {
        return Origin.SHIPPED;
    }

    @Override
    public List<String> faults() {
        return inspection.faults(descriptor);
    }

    @Override
    public ClassLoader open() {
        return loader;
    }

    @Override
    public void close() {
        // its classes are the application's own
    }

    @Override
    public void uninstall() {
        // it comes back with the class path
    }

    @Override
    public boolean unloads() {
        return false;
    }

    /** {@code jar:file:/x.jar!/META-INF/...} is in {@code file:/x.jar}. */
    private static String root(String url) {
        String base = url.substring(0, url.length() - PluginDescriptor.PATH.length());
        return base.startsWith("jar:") && base.endsWith("!/")
                ? base.substring("jar:".length(), base.length() - 2)
                : base;
    }
}
