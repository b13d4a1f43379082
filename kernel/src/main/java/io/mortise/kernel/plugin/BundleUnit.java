// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleWiring;

import java.util.List;

/** A plugin in a bundle. */
final class BundleUnit implements PluginUnit {
    private final BundleSpace space;
    private final Bundle bundle;
    private final BundleStore.Judged judged;
    private final BundleContents contents;
    private final BundleInspection inspection;

    BundleUnit(
            BundleSpace space,
            Bundle bundle,
            BundleStore.Judged judged,
            BundleContents contents,
            BundleInspection inspection) {
        this.space = space;
        this.bundle = bundle;
        this.judged = judged;
        this.contents = contents;
        this.inspection = inspection;
    }

    @Override
    public PluginDescriptor descriptor() {
        return contents.descriptor();
    }

    @Override
    public String file() {
        return judged.file().shortName();
    }

    @Override
    public Origin origin() {
        return judged.origin();
    }

    @Override
    public List<String> faults() {
        return inspection.faults(contents);
    }

    @Override
    public ClassLoader open() {
        String imports = contents.manifest().getValue("Import-Package");
        SharedStatics.prepare(imports == null ? "" : imports);
        try {
            bundle.start(Bundle.START_TRANSIENT);
            return bundle.adapt(BundleWiring.class).getClassLoader();
        } catch (BundleException unresolved) {
            throw new RefusedException(
                    Reason.INVALID_REQUEST,
                    descriptor().title()
                            + " cannot be resolved: "
                            + unresolved.getMessage()
                            + "; install a build of the plugin made for this broker");
        }
    }

    @Override
    public void close() {
        try {
            bundle.stop(Bundle.STOP_TRANSIENT);
        } catch (BundleException failed) {
            throw new IllegalStateException("bundle of " + descriptor().title(), failed);
        }
        space.refresh(bundle);
    }

    @Override
    public void uninstall() {
        space.uninstall(bundle);
    }

    @Override
    public boolean unloads() {
        return true;
    }
}
