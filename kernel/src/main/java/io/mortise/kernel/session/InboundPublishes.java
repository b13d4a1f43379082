// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.delivery.Publishing;
import io.mortise.kernel.delivery.SequencedListener;
import io.mortise.kernel.session.StoredSession.Place;
import io.mortise.spi.Refusal;
import io.mortise.spi.Remedy;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.EpochEnd;
import io.mortise.spi.broker.Session.PublishCallback;
import io.mortise.spi.broker.Session.ReleaseCallback;
import io.mortise.spi.broker.Topic;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/**
 * A session's exactly-once publishes (QoS 2). The record itself names session and identifier, and
 * the session notes it as soon as it has its place, so that whatever a crash leaves of the two, a
 * repeat is known. Used on the session's loop.
 */
final class InboundPublishes {
    private final InboundIdentifiers identifiers = new InboundIdentifiers();
    private final Map<Integer, Place> resumed;
    private final SessionHost host;
    private final LoopContext context;
    private final Journal journal;
    private final Publishing session;
    private final Runnable onEnd;
    private final long incarnation;
    private long sequence;
    private int underWay;

    /**
     * @param onEnd told after each publish that is no longer under way
     */
    InboundPublishes(
            SessionHost host,
            LoopContext context,
            Journal journal,
            Publishing session,
            ResumedState resumed,
            Runnable onEnd) {
        this.onEnd = onEnd;
        this.host = host;
        this.context = context;
        this.journal = journal;
        this.session = session;
        this.incarnation = resumed.incarnation();
        this.sequence = resumed.lastSequence();
        this.resumed = new HashMap<>(resumed.inbound());
        this.resumed.keySet().forEach(identifiers::add);
    }

    void publish(String clientId, int identifier, Message message, PublishCallback callback) {
        if (!identifiers.begin(identifier, callback)) {
            Place place = message.retained() ? resumed.get(identifier) : null;
            if (place != null) {
                retainAgain(place, message, callback);
                return;
            }
            message.payload().release();
            if (identifiers.settled(identifier)) {
                context.turn.loop().execute(() -> callback.completed(null));
            }
        } else if (journal.kept()) {
            publishKept(clientId, identifier, message);
        } else {
            context.publisher.publish(
                    session, message, null, refusal -> identifiers.end(identifier, refusal), null);
        }
    }

    /** How many of a kept session are neither kept as promised nor refused. */
    int underWay() {
        return underWay;
    }

    /** A crash may have left the record, but not the copy; one that is there stays. */
    private void retainAgain(Place place, Message message, PublishCallback callback) {
        DeliveryServices services = context.delivery.services();
        Topic topic = services.topics().find(place.partition().topic());
        Partition partition = topic == null ? null : topic.partition(place.partition().index());
        if (topic == null) {
            message.payload().release();
            context.turn.loop().execute(() -> callback.completed(null)); // there is no message
        } else if (partition == null) {
            context.delivery.later(() -> retainAgain(place, message, callback));
        } else {
            host.copies()
                    .retain(
                            context.turn,
                            message,
                            partition,
                            epochOf(partition, place.offset()),
                            place.offset(),
                            services.clock().wallMillis(),
                            refusal -> retainedAgain(place, message, callback, refusal));
        }
    }

    private void retainedAgain(
            Place place, Message message, PublishCallback callback, @Nullable Refusal refusal) {
        if (refusal != null && refusal.remedy() != Remedy.CALL_OPERATOR) {
            context.delivery.later(() -> retainAgain(place, message, callback));
        } else {
            message.payload().release();
            callback.completed(refusal);
        }
    }

    /** The epoch that an offset was given under. */
    static int epochOf(Partition partition, long offset) {
        int epoch = partition.leaderEpoch();
        EpochEnd before = partition.endOffsetOf(epoch - 1);
        while (before.leaderEpoch() >= 0 && before.endOffset() > offset) {
            epoch = before.leaderEpoch();
            before = partition.endOffsetOf(epoch - 1);
        }
        return epoch;
    }

    private void publishKept(String clientId, int identifier, Message message) {
        long number = ++sequence;
        ExactlyOnceId id = new ExactlyOnceId(incarnation, number, identifier, clientId);
        Noted noted = new Noted(identifier, number);
        underWay++;
        context.publisher.publish(session, message, id.encode(), noted::completed, noted);
    }

    /** One publish of a kept session on its way. */
    private final class Noted implements SequencedListener {
        private final int identifier;
        private final long number;
        private @Nullable Topic topic;
        private int partition;
        private long generation;
        private boolean placed;

        Noted(int identifier, long number) {
            this.identifier = identifier;
            this.number = number;
        }

        @Override
        public void entered(Topic into, int index, long counted) {
            topic = into;
            partition = index;
            generation = counted;
        }

        @Override
        public void sequenced(Partition in, long offset) {
            placed = true;
            journal.note(
                    SessionEvents.inbound(identifier, number, PartitionKey.of(in), offset),
                    refusal -> noted(refusal));
        }

        /** A note that was lost is for recovery to find: the mark must not pass it. */
        private void noted(@Nullable Refusal refusal) {
            if (refusal == null) {
                done();
            }
        }

        private void done() {
            if (topic != null) {
                host.marks().noted(context.turn, topic, partition, generation);
            }
        }

        void completed(@Nullable Refusal refusal) {
            if (!placed) {
                journal.note(SessionEvents.skipped(number));
                done();
            } else if (refusal != null) {
                journal.note(SessionEvents.released(identifier));
            }
            identifiers.end(identifier, refusal);
            underWay--;
            onEnd.run();
        }
    }

    /** Known until the release is durable: a repeat of one that was refused must find it. */
    void release(int identifier, ReleaseCallback callback) {
        InboundIdentifiers.Entry entry = identifiers.known(identifier);
        if (entry == null) {
            context.turn.loop().execute(() -> callback.completed(false, null));
            return;
        }
        journal.note(
                SessionEvents.released(identifier),
                refusal -> {
                    if (refusal == null) {
                        identifiers.forget(identifier, entry);
                        resumed.remove(identifier);
                    }
                    callback.completed(true, refusal);
                });
    }
}
