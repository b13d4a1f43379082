// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.delivery.CatchUpReader;
import io.mortise.kernel.delivery.CatchUpReader.Outcome;
import io.mortise.kernel.delivery.Feed;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.delivery.Publishing;
import io.mortise.kernel.delivery.RecordView;
import io.mortise.kernel.delivery.Target;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Sessions.SessionRequest;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * One connected session. Live messages come from the feeds; where the receiver cannot take one, or
 * its window is full, the session falls back to a {@link CatchUpReader} for that partition and
 * joins again when that has caught up. Used on its loop.
 */
final class OnlineSession implements Session, CatchUpReader.Taker, Publishing {
    /** Told that the session has let go of its loop's feeds. */
    @FunctionalInterface
    interface EndListener {
        void ended(OnlineSession session, End end);
    }

    private final SessionHost host;
    private final EndListener endListener;
    private final LoopContext context;
    private final SessionRequest request;
    private final Receiver receiver;
    private final Journal journal;
    private final ResumedState resumed;
    private final byte[] clientId;
    private final SessionSubscriptions subscriptions;
    private final InFlight inFlight;
    private final Outgoing outgoing;
    private final ReadingPlaces places;
    private final InboundPublishes inbound;
    private final RetainedDelivery retained;
    private final Subscribing subscribing;
    private final Redelivery redelivery;
    private final PositionSaver saver;

    private int stalls;
    private boolean started;
    private boolean pumpScheduled;
    private boolean closed;
    private boolean lettingGo;
    private End how = End.ABNORMAL;

    OnlineSession(
            SessionHost host,
            EndListener endListener,
            LoopContext context,
            SessionRequest request,
            Receiver receiver,
            Journal journal,
            ResumedState resumed) {
        this.host = host;
        this.endListener = endListener;
        this.context = context;
        this.request = request;
        this.receiver = receiver;
        this.journal = journal;
        this.resumed = resumed;
        this.clientId = request.clientId().getBytes(UTF_8);
        this.inFlight = new InFlight(request.receiveMaximum());
        this.inbound = new InboundPublishes(host, context, journal, this, resumed, this::letGo);
        this.subscriptions = new SessionSubscriptions(this, context.delivery);
        this.outgoing = new Outgoing(this, receiver, host.counters(), journal, inFlight);
        this.places = new ReadingPlaces(this, subscriptions, resumed, journal, inFlight);
        this.redelivery = new Redelivery(this, inFlight);
        this.retained = new RetainedDelivery(this, journal, inFlight);
        this.subscribing =
                new Subscribing(this, subscriptions, places, retained, journal, host.unsettled());
        this.saver = new PositionSaver(this, journal, context.delivery.services().clock());
    }

    // Who it is.

    @Override
    public boolean present() {
        return resumed.present();
    }

    @Override
    public Principal principal() {
        return request.principal();
    }

    @Override
    public String host() {
        return request.host();
    }

    @Override
    public byte[] clientId() {
        return clientId;
    }

    @Override
    public byte @Nullable [] origin() {
        return subscriptions.anyNoLocal() ? clientId : null;
    }

    @Override
    public boolean keepsPosition() {
        return journal.kept();
    }

    SessionRequest request() {
        return request;
    }

    LoopContext context() {
        return context;
    }

    long incarnation() {
        return resumed.incarnation();
    }

    InFlight inFlight() {
        return inFlight;
    }

    Receiver receiver() {
        return receiver;
    }

    boolean blocked() {
        return outgoing.blocked();
    }

    SessionSubscriptions subscriptions() {
        return subscriptions;
    }

    boolean closed() {
        return closed;
    }

    // Publishing.

    @Override
    public void publish(Message message, @Nullable PublishCallback callback) {
        context.publisher.publish(this, message, null, callback, null);
    }

    @Override
    public void publishExactlyOnce(int identifier, Message message, PublishCallback callback) {
        inbound.publish(request.clientId(), identifier, message, callback);
    }

    @Override
    public void release(int identifier, ReleaseCallback callback) {
        inbound.release(identifier, callback);
    }

    @Override
    public boolean publishable() {
        return stalls == 0;
    }

    @Override
    public void stalled() {
        stalls++;
    }

    @Override
    public void resumed() {
        stalls--;
        if (closed) {
            letGo();
        } else if (stalls == 0) {
            receiver.publishable();
        }
    }

    // Subscribing.

    @Override
    public void start() {
        started = true;
        context.delivery.join(this);
        for (Subscription subscription : resumed.subscriptions()) {
            subscriptions.add(subscription);
        }
        places.takeUp();
        redelivery.takeUp(resumed);
        goOn();
    }

    @Override
    public void opened(Feed feed) {
        if (closed || places.behind(feed) || !subscriptions.mayHold(feed.topic())) {
            return;
        }
        if (places.takeUp(feed)) {
            goOn();
        }
    }

    /** Where it reads on in every partition that its subscriptions may hold for. */
    Map<PartitionKey, Long> positions() {
        return places.positions();
    }

    @Override
    public void subscribe(List<Subscription> asked, SubscribeCallback callback) {
        subscribing.subscribe(asked, callback);
    }

    @Override
    public void unsubscribe(List<AddressFilter> filters, UnsubscribeCallback callback) {
        subscribing.unsubscribe(filters, callback);
    }

    // Delivery, live.

    @Override
    public void offer(Feed feed, RecordView record, Target target, boolean early) {
        if (closed) {
            return;
        }
        if (!places.allLive() && places.behind(feed)) {
            goOn();
            return;
        }
        boolean taken =
                started
                        && redelivery.done()
                        && !blocked()
                        && !outgoing.needsReservation(record, target);
        if (!taken || !outgoing.deliver(record, target, feed)) {
            long next = early ? feed.committed() : record.offset();
            long qos0Next = early ? record.offset() : Math.max(next, feed.sequenced());
            places.fallBehind(feed, next, fallBack(qos0Next, record, early));
            goOn();
        }
    }

    /** A QoS 0 message that comes with what is visible was not delivered ahead. */
    private long fallBack(long qos0Next, RecordView record, boolean early) {
        return keepsPosition() && !early ? record.offset() : qos0Next;
    }

    @Override
    public void offerUnstored(RecordView record, Target target) {
        if (closed || !started || blocked()) {
            host.counters().droppedQos0.add(1);
        } else {
            hand(record.present(0, false, false, 0, target.identifiers()));
        }
    }

    boolean hand(RecordView delivery) {
        return outgoing.hand(delivery);
    }

    @Override
    public void flush() {
        if (!closed) {
            receiver.flush();
        }
    }

    // Delivery, behind.

    @Override
    public void overtaken(long offsets) {
        if (keepsPosition()) {
            host.counters().overtaken.add(offsets);
        }
    }

    @Override
    public void goOn() {
        if (!pumpScheduled && !closed) {
            pumpScheduled = true;
            context.turn.loop().execute(this::pump);
        }
    }

    private void pump() {
        pumpScheduled = false;
        if (closed || blocked() || !started) {
            return;
        }
        context.delivery.beginRun();
        context.delivery.touched(this);
        redelivery.run();
        if (redelivery.done() && !blocked()) {
            retained.run();
            catchUp();
        }
        context.delivery.endRun();
    }

    private void catchUp() {
        boolean more = places.step();
        if (more && !blocked()) {
            goOn();
        }
    }

    @Override
    public Outcome take(CatchUpReader reader, RecordView record, Target target) {
        return outgoing.take(reader, record, target);
    }

    @Override
    public boolean reserve(CatchUpReader reader, RecordView record, Target target) {
        return outgoing.reserve(reader, record, target);
    }

    /** The journal cannot be written: the connection must not promise anything more. */
    void fail(Refusal refusal) {
        end(refusal, End.ABNORMAL);
    }

    @Override
    public void acknowledge(int deliveryId) {
        int slot = delivered(deliveryId);
        if (slot < 0) {
            return;
        }
        if (inFlight.qos(slot) == 2) {
            journal.note(SessionEvents.completed(deliveryId));
        }
        inFlight.remove(slot);
        saver.acknowledged();
        goOnIfBehind();
    }

    /** Where an identifier's entry is that the receiver can know of, or -1. */
    private int delivered(int deliveryId) {
        int slot = inFlight.find(deliveryId);
        return slot >= 0 && inFlight.state(slot) == InFlight.RESERVED ? -1 : slot;
    }

    private void goOnIfBehind() {
        if (!places.allLive() || !redelivery.done() || !retained.done()) {
            goOn();
        }
    }

    @Override
    public void received(int deliveryId, ReleaseCallback callback) {
        int slot = delivered(deliveryId);
        if (slot < 0 || inFlight.qos(slot) != 2) {
            context.turn.loop().execute(() -> callback.completed(false, null));
            return;
        }
        inFlight.state(slot, InFlight.RECEIVED);
        journal.note(
                SessionEvents.received(deliveryId), refusal -> callback.completed(true, refusal));
    }

    @Override
    public void resume() {
        if (outgoing.unblock()) {
            goOnIfBehind();
        }
    }

    RetainedMessages retainedMessages() {
        return host.retained();
    }

    // The end.

    @Override
    public void updateExpiry(long expirySeconds) {
        resumed.expirySeconds(expirySeconds);
        journal.note(SessionEvents.expiry(expirySeconds));
    }

    long expirySeconds() {
        return resumed.expirySeconds();
    }

    @Override
    public void close(End end) {
        end(null, end);
    }

    /**
     * @param reason told to the receiver, if it does not know itself
     */
    void end(@Nullable Refusal reason, End end) {
        if (closed) {
            return;
        }
        closed = true;
        how = end;
        if (reason != null) {
            receiver.closed(reason);
            if (reason.reason() == Reason.TAKEN_OVER) {
                host.counters().takenOver.add(1);
            }
        }
        if (started) {
            saver.saveAtEnd(inFlight);
            subscriptions.clear();
            context.delivery.leave(this);
        } else {
            saver.notStarted();
        }
        places.end();
        retained.clear();
        letGo();
    }

    /**
     * The next connection must find what this one published in its place, or refused: otherwise it
     * would overtake it, and take a repeat for something new.
     */
    private void letGo() {
        if (closed && !lettingGo && stalls == 0 && inbound.underWay() == 0) {
            lettingGo = true;
            context.turn.settle(this, () -> journal.settle(() -> endListener.ended(this, how)));
        }
    }
}
