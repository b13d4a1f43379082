// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.metadata.Metadata;
import io.mortise.spi.broker.Broker.ProducerIdBlock;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Producer ids with one block in reserve, so that a new producer can begin while metadata is away.
 * Any thread.
 */
final class ProducerIds {
    private final Metadata metadata;
    private @Nullable ProducerIdBlock reserve;
    private boolean fetching;

    ProducerIds(Metadata metadata) {
        this.metadata = metadata;
    }

    /** The reserve, or a block from metadata; then another is put by. */
    CompletionStage<ProducerIdBlock> allocate() {
        ProducerIdBlock ready = takeReserve();
        if (ready != null) {
            putBy();
            return CompletableFuture.completedFuture(ready);
        }
        return metadata.allocateProducerIds()
                .whenComplete(
                        (block, _) -> {
                            if (block != null) {
                                putBy();
                            }
                        });
    }

    private synchronized @Nullable ProducerIdBlock takeReserve() {
        ProducerIdBlock taken = reserve;
        reserve = null;
        return taken;
    }

    /** Has a reserve soon, if metadata is there. */
    void putBy() {
        synchronized (this) {
            if (fetching || reserve != null) {
                return;
            }
            fetching = true;
        }
        metadata.allocateProducerIds().whenComplete((block, _) -> fetched(block));
    }

    private synchronized void fetched(@Nullable ProducerIdBlock block) {
        fetching = false;
        reserve = block;
    }
}
