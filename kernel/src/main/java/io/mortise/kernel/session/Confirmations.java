// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Joins several confirmations into one, with the first refusal. Used on one loop. */
final class Confirmations {
    private final Consumer<@Nullable Refusal> all;
    private int missing;
    private @Nullable Refusal first;

    /**
     * @param missing how many there will be; with none, {@code all} is told soon
     */
    Confirmations(Executor loop, int missing, Consumer<@Nullable Refusal> all) {
        this.missing = missing;
        this.all = all;
        if (missing == 0) {
            loop.execute(() -> all.accept(null));
        }
    }

    void completed(@Nullable Refusal refusal) {
        first = first == null ? refusal : first;
        missing--;
        if (missing == 0) {
            all.accept(first);
        }
    }
}
