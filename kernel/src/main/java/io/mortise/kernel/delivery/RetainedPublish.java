// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.spi.Refusal;
import io.mortise.spi.Remedy;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Session.PublishCallback;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;

/**
 * A publish with the retain flag: it is done once both the topic's log and the retained message's
 * own copy have it. A copy that is refused is tried again: the message itself is in the log.
 */
final class RetainedPublish implements PublishCallback, SequencedListener {
    private static final long RETRY_NANOS = 50_000_000L;

    private final LoopTurn turn;
    private final RetainedSink sink;
    private final Scheduler scheduler;
    private final Message message;
    private final long timestampMillis;
    private final @Nullable PublishCallback callback;
    private final @Nullable SequencedListener next;
    private @Nullable Partition partition;
    private int epoch;
    private long offset;
    private boolean appended;
    private boolean copied;
    private @Nullable Refusal refusal;

    /** Takes the message's payload. */
    RetainedPublish(
            LoopTurn turn,
            RetainedSink sink,
            Scheduler scheduler,
            Message message,
            long timestampMillis,
            @Nullable PublishCallback callback,
            @Nullable SequencedListener next) {
        this.turn = turn;
        this.sink = sink;
        this.scheduler = scheduler;
        this.message = message;
        this.timestampMillis = timestampMillis;
        this.callback = callback;
        this.next = next;
    }

    @Override
    public void sequenced(Partition in, long at) {
        partition = in;
        epoch = in.leaderEpoch();
        offset = at;
        copy(in);
        if (next != null) {
            next.sequenced(in, at);
        }
    }

    private void copy(Partition of) {
        sink.retain(turn, message, of, epoch, offset, timestampMillis, this::copied);
    }

    private void copied(@Nullable Refusal why) {
        if (why != null && worthRepeating(why)) {
            scheduler.schedule(this::copyAgain, RETRY_NANOS);
        } else {
            refusal = refusal == null ? why : refusal;
            copied = true;
            finish();
        }
    }

    private boolean worthRepeating(Refusal why) {
        return refusal == null && message.qos() > 0 && why.remedy() != Remedy.CALL_OPERATOR;
    }

    private void copyAgain() {
        if (!turn.execute(this::copyOrEnd)) {
            message.payload().release(); // the loop is gone
        }
    }

    private void copyOrEnd() {
        Partition of = partition;
        if (of == null || refusal != null) {
            copied = true;
            finish();
        } else {
            copy(of);
        }
    }

    @Override
    public void completed(@Nullable Refusal why) {
        refusal = refusal == null ? why : refusal;
        appended = true;
        copied |= partition == null; // without a place there is no copy to wait for
        finish();
    }

    private void finish() {
        if (appended && copied) {
            message.payload().release();
            if (callback != null) {
                callback.completed(refusal);
            }
        }
    }
}
