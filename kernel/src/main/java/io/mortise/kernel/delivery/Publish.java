// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Session.PublishCallback;

import org.jspecify.annotations.Nullable;

/**
 * One publish that could not go its way at once, or that more than a callback depends on.
 *
 * @param message its payload is owned
 * @param exactlyOnce identity of an exactly-once publish, or null
 */
record Publish(
        Publishing who,
        Message message,
        byte @Nullable [] exactlyOnce,
        @Nullable PublishCallback callback,
        @Nullable SequencedListener sequenced) {
    void refuse(Refusal refusal) {
        message.payload().release();
        if (callback != null) {
            callback.completed(refusal);
        }
    }
}
