// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.plugin.PluginScope;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.StorageContext;

import java.nio.file.Path;
import java.util.Optional;

/** What a storage plugin is given. */
final class HostedStorageContext extends HostedContext implements StorageContext {
    private final DiskFileLayer files;

    HostedStorageContext(PluginScope scope, Surroundings surroundings, DiskFileLayer files) {
        super(scope, surroundings);
        this.files = files;
    }

    @Override
    public FileLayer files() {
        return files;
    }

    @Override
    public Optional<Path> directory() {
        return Optional.of(files.root());
    }
}
