// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Session.PublishCallback;

import org.jspecify.annotations.Nullable;

/**
 * A publish with the retain flag: it is done once both the topic's log and the retained message's
 * own copy have it.
 */
final class RetainedPublish implements PublishCallback, SequencedListener {
    private final LoopTurn turn;
    private final RetainedSink sink;
    private final Message message;
    private final long timestampMillis;
    private final @Nullable PublishCallback callback;
    private final @Nullable SequencedListener next;
    private int missing = 2;
    private boolean released;
    private @Nullable Refusal refusal;

    /** Takes the message's payload. */
    RetainedPublish(
            LoopTurn turn,
            RetainedSink sink,
            Message message,
            long timestampMillis,
            @Nullable PublishCallback callback,
            @Nullable SequencedListener next) {
        this.turn = turn;
        this.sink = sink;
        this.message = message;
        this.timestampMillis = timestampMillis;
        this.callback = callback;
        this.next = next;
    }

    @Override
    public void sequenced(Partition partition, long offset) {
        sink.retain(turn, message, partition, offset, timestampMillis, this);
        release();
        if (next != null) {
            next.sequenced(partition, offset);
        }
    }

    @Override
    public void completed(@Nullable Refusal why) {
        refusal = refusal == null ? why : refusal;
        missing -= released ? 1 : 2; // without a place there is no copy to wait for
        release();
        if (missing == 0 && callback != null) {
            callback.completed(refusal);
        }
    }

    private void release() {
        if (!released) {
            released = true;
            message.payload().release();
        }
    }
}
