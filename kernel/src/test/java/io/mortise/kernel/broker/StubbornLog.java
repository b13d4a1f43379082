// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.metadata.MetadataLog;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A metadata log that takes nothing while it is told so, as one without a majority. */
final class StubbornLog implements MetadataLog {
    private final MetadataLog log;
    volatile boolean refuses;

    StubbornLog(MetadataLog log) {
        this.log = log;
    }

    @Override
    public void start(StateMachine machine) throws IOException {
        log.start(machine);
    }

    @Override
    public CompletionStage<Void> propose(byte[] entry) {
        return refuses
                ? CompletableFuture.failedFuture(
                        new RefusedException(Reason.METADATA_UNAVAILABLE, "no majority"))
                : log.propose(entry);
    }

    @Override
    public void snapshot() throws IOException {
        log.snapshot();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
