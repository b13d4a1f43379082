// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.RefusalErrors;

import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Several changes under way for one answer. */
final class Completions {
    private static final Logger LOG = LoggerFactory.getLogger(Completions.class);

    /** What to do with a failure. */
    interface Failure {
        void failed(Errors error, String message);
    }

    private final List<CompletableFuture<?>> stages = new ArrayList<>();

    /** Failures are told to {@code failure} before {@link #then} goes on. */
    <T> void add(
            CompletionStage<T> stage, java.util.function.Consumer<T> success, Failure failure) {
        stages.add(
                stage.handle(
                                (value, thrown) -> {
                                    if (thrown == null) {
                                        success.accept(value);
                                    } else {
                                        tell(thrown, failure);
                                    }
                                    return null;
                                })
                        .toCompletableFuture());
    }

    /** For changes without a result. */
    void add(CompletionStage<Void> stage, Failure failure) {
        add(stage, nothing -> {}, failure);
    }

    private static void tell(Throwable thrown, Failure failure) {
        Errors error = RefusalErrors.of(thrown);
        if (error == Errors.UNKNOWN_SERVER_ERROR) {
            LOG.error("a metadata change failed", thrown);
        }
        failure.failed(error, RefusalErrors.message(thrown));
    }

    /** When all are done, on whatever thread. */
    void then(Runnable next) {
        CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new)).thenRun(next);
    }
}
