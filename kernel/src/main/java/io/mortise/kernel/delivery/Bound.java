// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Subscription;

/** A subscription and whose it is; told apart by identity. */
public final class Bound {
    private final Subscriber subscriber;
    private final Subscription subscription;

    Bound(Subscriber subscriber, Subscription subscription) {
        this.subscriber = subscriber;
        this.subscription = subscription;
    }

    /** Whose it is. */
    public Subscriber subscriber() {
        return subscriber;
    }

    /** What it asks for. */
    public Subscription subscription() {
        return subscription;
    }
}
