// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.broker.Topic;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * One partition's way to the live subscribers of one loop: what is visible goes to all of them, and
 * QoS 0 messages go ahead to those that keep no position. Woken once per advance, decodes once for
 * all. Used on that loop.
 */
public final class Feed implements Runnable {
    private static final int STEP_BYTES = 64 * 1024;
    private static final int RUN_BYTES = 512 * 1024;

    private final DeliveryLoop owner;
    private final Topic topic;
    private final Partition partition;
    private final PartitionKey key;
    private final byte[] topicName;
    private final boolean catchAll;
    private final CutWatch cuts;
    private final Registration advances;
    private final BatchWalk.Visitor visible = this::visitVisible;
    private final BatchWalk.Visitor ahead = new Ahead();

    private long committed;
    private long sequenced;

    /** What lies between these was QoS 0 alone and handed out: nothing is left to do there. */
    private long doneFrom;

    private long doneTo;
    private boolean onlyQos0;
    private boolean scheduled;
    private boolean reading;
    private boolean closed;

    Feed(
            DeliveryLoop owner,
            Topic topic,
            Partition partition,
            byte[] topicName,
            boolean catchAll,
            long from) {
        this.owner = owner;
        this.topic = topic;
        this.partition = partition;
        this.key = PartitionKey.of(partition);
        this.topicName = topicName;
        this.catchAll = catchAll;
        this.cuts = new CutWatch(partition);
        this.committed = from;
        this.sequenced = from;
        this.advances = partition.onAdvance(owner.turn().loop(), moved -> advanced());
        schedule();
    }

    /** The topic it reads. */
    public Topic topic() {
        return topic;
    }

    /** The partition it reads. */
    public Partition partition() {
        return partition;
    }

    /** Names that partition. */
    public PartitionKey key() {
        return key;
    }

    byte[] topicName() {
        return topicName;
    }

    boolean catchAll() {
        return catchAll;
    }

    /** Everything below was offered to every live subscriber. */
    public long committed() {
        return committed;
    }

    /** QoS 0 messages below were offered to live subscribers that keep no position. */
    public long sequenced() {
        return Math.max(committed, sequenced);
    }

    /** Whether it ended; then nothing more comes. */
    public boolean closed() {
        return closed;
    }

    void close() {
        closed = true;
        advances.close();
    }

    private void advanced() {
        if (!scheduled && !reading && !closed) {
            run();
        }
    }

    /** The loop that it belongs to. */
    public DeliveryLoop owner() {
        return owner;
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            owner.turn().loop().execute(this);
        }
    }

    @Override
    public void run() {
        scheduled = false;
        if (reading || closed) {
            return;
        }
        followCut();
        owner.beginRun();
        int budget = deliverVisible(RUN_BYTES);
        if (!reading && budget > 0) {
            budget = deliverAhead(budget);
        }
        owner.endRun();
        if (!reading && budget <= 0) {
            schedule();
        }
    }

    private void followCut() {
        long end = cuts.cut();
        committed = Math.min(committed, end);
        sequenced = Math.min(sequenced, end);
        doneTo = Math.min(doneTo, end);
    }

    private int deliverVisible(int runBytes) {
        int budget = runBytes;
        long end = partition.highWatermark();
        skipDone(end);
        committed = Math.max(committed, partition.logStartOffset());
        while (committed < end && budget > 0) {
            FetchedBatches batches =
                    owner.reader().poll(partition, committed, STEP_BYTES, Visibility.COMMITTED);
            if (batches == null) {
                reading = true;
                owner.reader()
                        .read(partition, committed, STEP_BYTES, Visibility.COMMITTED, this::loaded);
                return budget;
            }
            budget -= Math.max(1, batches.sizeInBytes());
            if (!show(batches)) {
                return budget;
            }
            skipDone(end);
        }
        return budget;
    }

    private void skipDone(long end) {
        if (committed >= doneFrom && committed < doneTo && !owner.anyKeepsPosition()) {
            committed = Math.min(end, doneTo);
        }
    }

    /**
     * @return false if there was nothing
     */
    private boolean show(FetchedBatches batches) {
        try (batches) {
            if (batches.sizeInBytes() == 0) {
                return false;
            }
            committed =
                    owner.walk().walk(batches, this, committed, owner.nowMillis(), null, visible);
            return true;
        }
    }

    private void loaded(@Nullable FetchedBatches batches, @Nullable Refusal refusal) {
        reading = false;
        if (batches != null) {
            if (closed) {
                batches.close();
                return;
            }
            owner.beginRun();
            show(batches);
            owner.endRun();
        } else {
            owner.readFailed(this, refusal);
            owner.later(this);
            return;
        }
        schedule();
    }

    private boolean visitVisible(RecordView record) {
        boolean handedOut = record.publishedQos() == 0 && record.offset() < sequenced;
        Match match = owner.match(record);
        for (Target target : match.targets()) {
            if (target.allowed() && !(handedOut && !target.subscriber().keepsPosition())) {
                offer(record, target, false);
            }
        }
        return true;
    }

    private int deliverAhead(int runBytes) {
        int budget = runBytes;
        long end = partition.logEndOffset();
        sequenced = Math.min(Math.max(sequenced, committed), Math.max(end, committed));
        while (sequenced < end && budget > 0) {
            FetchedBatches batches =
                    owner.reader().poll(partition, sequenced, STEP_BYTES, Visibility.SEQUENCED);
            if (batches == null) {
                return budget; // comes with what is visible
            }
            try (batches) {
                if (batches.sizeInBytes() == 0) {
                    return budget;
                }
                budget -= batches.sizeInBytes();
                long from = sequenced;
                onlyQos0 = true;
                sequenced = owner.walk().walk(batches, this, from, owner.nowMillis(), null, ahead);
                if (onlyQos0) {
                    done(from, sequenced);
                }
            }
        }
        return budget;
    }

    private void done(long from, long to) {
        if (from != doneTo || doneTo <= committed) {
            doneFrom = from;
        }
        doneTo = to;
    }

    private void offer(RecordView record, Target target, boolean early) {
        Target effective = target.forMessage(record);
        if (effective != null && !record.expired()) {
            owner.touched(target.subscriber());
            target.subscriber().offer(this, record, effective, early);
        }
    }

    /** Sees what may not be visible yet: only QoS 0 of the broker's own batches is of interest. */
    private final class Ahead implements BatchWalk.Visitor {
        @Override
        public boolean wants(ByteBuf batch, int index) {
            boolean mayHoldQos0 = BatchFormat.brokerBuilt(batch, index);
            onlyQos0 &= mayHoldQos0;
            return mayHoldQos0;
        }

        @Override
        public boolean visit(RecordView record) {
            if (record.publishedQos() != 0) {
                onlyQos0 = false;
                return true;
            }
            for (Target target : owner.match(record).targets()) {
                if (target.allowed() && !target.subscriber().keepsPosition()) {
                    offer(record, target, true);
                }
            }
            return true;
        }
    }
}
