// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import io.mortise.spi.plugin.PluginContext;
import io.mortise.spi.runtime.FileLayer;

import org.osgi.annotation.versioning.ProviderType;

/** What an engine is given: there is nothing else it may reach for. */
@ProviderType
public interface StorageContext extends PluginContext {
    /** The engine's own directory; empty on first use. */
    FileLayer files();
}
