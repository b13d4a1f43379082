// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

/** An identifier on its way to being durable, for the record at an offset (QoS 2). */
public final class Reservation {
    private final long offset;
    private final int identifier;
    private boolean durable;

    /** Reserves {@code identifier} for the record at {@code offset}. */
    public Reservation(long offset, int identifier) {
        this.offset = offset;
        this.identifier = identifier;
    }

    /** Where the record is. */
    public long offset() {
        return offset;
    }

    /** What was reserved for it. */
    public int identifier() {
        return identifier;
    }

    /** Whether it may be delivered. */
    public boolean durable() {
        return durable;
    }

    /** Now it may. */
    public void confirm() {
        durable = true;
    }
}
