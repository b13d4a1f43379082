// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.TenantId;

/** Makes what a loop needs to publish and to deliver. */
public final class DeliveryLoops {
    private final DeliveryServices services;

    /** Everything stands on {@code services}. */
    public DeliveryLoops(DeliveryServices services) {
        this.services = services;
    }

    /** For the subscribers of a tenant on a loop. */
    public DeliveryLoop delivery(TenantId tenant, LoopTurn turn) {
        return new DeliveryLoop(services, tenant, turn);
    }

    /** For the publishers of a tenant on a loop. */
    public Publisher publisher(
            TenantId tenant,
            LoopTurn turn,
            RetainedSink retained,
            UnstoredFanout unstored,
            ExactlyOnceGate exactlyOnce) {
        return new Publisher(services, tenant, turn, retained, unstored, exactlyOnce);
    }
}
