// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/**
 * Carries a {@link Refusal} through a {@link java.util.concurrent.CompletionStage} or a control
 * call. It has no stack trace: a refusal is no bug.
 */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    public RefusedException(Refusal refusal) {
        super(refusal.toString(), null, false, false);
        this.refusal = refusal;
    }

    public RefusedException(Reason reason, String message) {
        this(new Refusal(reason, message));
    }

    /** What was refused and why. */
    public Refusal refusal() {
        return refusal;
    }
}
