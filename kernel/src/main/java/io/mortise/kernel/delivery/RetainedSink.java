// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Session.PublishCallback;

import org.jspecify.annotations.Nullable;

/** Keeps retained messages, with copies of its own. */
public interface RetainedSink {
    /**
     * Keeps a message as its address's retained one, or with an empty payload forgets that.
     *
     * @param turn of the loop that appended it
     * @param message borrowed
     * @param partition where it went, at {@code offset}: of two messages of one address the later
     *     offset wins
     * @param epoch that the offset was given under: a later one's offsets are all later
     * @param callback told once durable, on the loop; null: nobody wants to know
     */
    void retain(
            LoopTurn turn,
            Message message,
            Partition partition,
            int epoch,
            long offset,
            long timestampMillis,
            @Nullable PublishCallback callback);
}
