// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metadata.Metadata.Change;
import io.mortise.kernel.metadata.MetadataRecord;
import io.mortise.kernel.metadata.MetadataRecord.PluginPut;
import io.mortise.kernel.metadata.MetadataRecord.PluginRemoved;
import io.mortise.kernel.metadata.PluginEntry;
import io.mortise.kernel.metadata.PluginEntry.Wanted;
import io.mortise.spi.RefusedException;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * What operators want of plugins, as the metadata has it. Any thread; changes block until they are
 * committed.
 */
final class PluginCatalog {
    private final Metadata metadata;

    PluginCatalog(Metadata metadata) {
        this.metadata = metadata;
    }

    List<PluginEntry> entries() {
        return metadata.image().plugins().values();
    }

    @Nullable PluginEntry entry(String id) {
        return metadata.image().plugins().find(id);
    }

    Wanted wanted(String id) {
        PluginEntry entry = entry(id);
        return entry == null ? Wanted.ACTIVE : entry.wanted();
    }

    /**
     * Changes what is wanted of a plugin; an entry that says no more than the default goes.
     *
     * @throws RefusedException it was not committed, or METADATA_UNAVAILABLE: nobody knows
     */
    void put(PluginEntry entry) {
        if (entry.isDefault()) {
            remove(entry.id());
        } else if (!entry.equals(entry(entry.id()))) {
            commit(
                    new PluginPut(
                            entry.id(),
                            entry.kind(),
                            entry.version(),
                            entry.hash(),
                            entry.wanted().name()));
        }
    }

    /** Forgets a plugin, see {@link #put}. */
    void remove(String id) {
        if (entry(id) != null) {
            commit(new PluginRemoved(id));
        }
    }

    private void commit(MetadataRecord record) {
        try {
            metadata.change(image -> new Change<>(List.of(record), true))
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RefusedException refused) {
                throw refused;
            }
            throw failed;
        }
    }
}
