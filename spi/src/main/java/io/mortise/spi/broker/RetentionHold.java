// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.Registration;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

import java.util.concurrent.CompletionStage;

/**
 * Someone's need of what a partition holds from an offset on, against its retention; closing ends
 * it. Kept in memory only: whoever needs something says so again after a start. Any thread.
 */
@ProviderType
public interface RetentionHold extends Registration {
    /** What lies below {@code offset} is needed no more; never goes back. */
    void moveTo(long offset);

    /** What becomes of a need that retention meets. */
    enum Policy {
        /** Retention waits, however much that keeps. */
        PIN,
        /** Retention goes on, and the holder is told what it lost. */
        DROP_OLDEST,
        /** Retention waits until the holder has brought elsewhere what it needs of it. */
        RESCUE
    }

    /** Who holds. */
    @ConsumerType
    interface Holder {
        /**
         * DROP_OLDEST, or any policy when someone deletes records on purpose: what lies from {@code
         * from} to below {@code to} is gone; the stage is not waited for. RESCUE: it is about to
         * go, once the stage completes; if that fails, the holder is asked again. Called aside; the
         * hold moves to {@code to} by itself.
         */
        CompletionStage<Void> leaves(Partition partition, long from, long to);
    }
}
