// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import io.mortise.spi.plugin.PluginContext;
import io.mortise.spi.runtime.FileLayer;

import org.osgi.annotation.versioning.ProviderType;

import java.nio.file.Path;
import java.util.Optional;

/** What an engine is given: there is nothing else it may reach for. */
@ProviderType
public interface StorageContext extends PluginContext {
    /** The engine's own directory; empty on first use. */
    FileLayer files();

    /**
     * Where {@link #files} lie on the machine, for an engine that stands on a library which writes
     * files by itself and cannot be given a {@link FileLayer}. Empty where the files are simulated.
     * What such a library writes, no simulation can spoil or lose: its promises over power loss are
     * the library's own.
     */
    default Optional<Path> directory() {
        return Optional.empty();
    }
}
