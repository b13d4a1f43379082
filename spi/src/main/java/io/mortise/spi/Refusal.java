// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/**
 * A refused request, as a value.
 *
 * @param reason why
 * @param message names the resource, the value and the limit, for a person to read; never a secret
 */
public record Refusal(Reason reason, String message) {
    /** Shorthand for {@code reason().remedy()}. */
    public Remedy remedy() {
        return reason.remedy();
    }

    /** For control paths that answer by a {@link java.util.concurrent.CompletionStage}. */
    public RefusedException asException() {
        return new RefusedException(this);
    }

    @Override
    public String toString() {
        return reason + ": " + message;
    }
}
