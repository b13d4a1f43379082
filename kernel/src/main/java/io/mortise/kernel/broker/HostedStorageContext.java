// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.plugin.PluginScope;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.StorageContext;

import java.nio.file.Path;
import java.util.Optional;

/** What a storage plugin is given for one directory. */
final class HostedStorageContext extends HostedContext implements StorageContext {
    private final FileLayer files;
    private final Path root;

    /**
     * @param directory that keeps the logs, as metrics name it
     * @param root where {@code files} lie
     */
    HostedStorageContext(
            PluginScope scope,
            Surroundings surroundings,
            String directory,
            FileLayer files,
            Path root) {
        super(scope, surroundings, "directory", directory);
        this.files = files;
        this.root = root;
    }

    @Override
    public FileLayer files() {
        return files;
    }

    @Override
    public Optional<Path> directory() {
        return Optional.of(root);
    }
}
