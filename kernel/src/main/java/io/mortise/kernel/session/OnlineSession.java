// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.delivery.CatchUpReader;
import io.mortise.kernel.delivery.CatchUpReader.Outcome;
import io.mortise.kernel.delivery.Feed;
import io.mortise.kernel.delivery.Feeds;
import io.mortise.kernel.delivery.PartitionKey;
import io.mortise.kernel.delivery.Publishing;
import io.mortise.kernel.delivery.RecordView;
import io.mortise.kernel.delivery.Reservation;
import io.mortise.kernel.delivery.Target;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Sessions.SessionRequest;
import io.mortise.spi.broker.Subscription;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One connected session. Live messages come from the feeds; where the receiver cannot take one, or
 * its window is full, the session falls back to a {@link CatchUpReader} for that partition and
 * joins again when that has caught up. Used on its loop.
 */
final class OnlineSession implements Session, CatchUpReader.Taker, Publishing {
    /** QoS 0 messages further behind than this are dropped. */
    private static final long MOST_QOS0_BEHIND = 10_000;

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
    private final List<CatchUpReader> readers = new ArrayList<>(0);
    private final InFlight inFlight;
    private final InboundPublishes inbound;
    private final RetainedDelivery retained;
    private final Redelivery redelivery;
    private final PositionSaver saver;

    /** Partitions that had no leader when this connection subscribed. */
    private final Set<PartitionKey> unsettled = new HashSet<>(0);

    private int stalls;
    private int nextReader;
    private boolean started;
    private boolean blocked;
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
        this.redelivery = new Redelivery(this, inFlight);
        this.retained = new RetainedDelivery(this, journal, inFlight);
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
        return blocked;
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
        for (Feed feed : subscriptions.feeds()) {
            readFrom(feed, place(feed));
        }
        redelivery.takeUp(resumed);
        goOn();
    }

    @Override
    public void opened(Feed feed) {
        if (closed || reader(feed) != null || !subscriptions.mayHold(feed.topic())) {
            return;
        }
        long place = place(feed);
        if (unsettled.remove(feed.key())) {
            journal.note(SessionEvents.positions(Map.of(feed.key(), place)));
        }
        if (place < feed.committed() || !resumed.finished(feed.key()).isEmpty()) {
            readFrom(feed, place);
            goOn();
        }
    }

    /** A topic that it knows nothing of was made after it subscribed. */
    private long place(Feed feed) {
        Long known = resumed.position(feed.key());
        boolean unknown = known != null && known == StoredSession.UNSETTLED;
        if (unknown || unsettled.contains(feed.key())) {
            return Feeds.leadershipStart(feed.partition());
        }
        return known == null ? feed.partition().logStartOffset() : known;
    }

    /** Takes up a resumed session's place in a partition. */
    private void readFrom(Feed feed, long from) {
        CatchUpReader reader = new CatchUpReader(this, feed, from, feed.partition().logEndOffset());
        reader.passOver(resumed.finished(feed.key()));
        readers.add(reader);
    }

    /** Where the session reads on in every partition that its subscriptions may hold for. */
    Map<PartitionKey, Long> positions() {
        Map<PartitionKey, Long> positions = new HashMap<>();
        for (Feed feed : subscriptions.feeds()) {
            CatchUpReader reader = reader(feed);
            long next = reader == null ? feed.committed() : reader.next();
            positions.put(feed.key(), Math.min(next, feed.partition().highWatermark()));
        }
        return positions;
    }

    @Override
    public void subscribe(List<Subscription> asked, SubscribeCallback callback) {
        List<@Nullable Refusal> refusals = new ArrayList<>();
        List<Subscription> granted = new ArrayList<>();
        for (Subscription subscription : asked) {
            Refusal refusal = SubscribeRules.check(this, context.delivery, subscription);
            refusals.add(refusal);
            if (refusal == null) {
                granted.add(subscription);
            }
        }
        Confirmations all =
                new Confirmations(
                        context.turn.loop(),
                        granted.size(),
                        failed ->
                                callback.completed(
                                        failed == null ? refusals : all(refusals, failed)));
        for (Subscription subscription : granted) {
            subscribe(subscription, all);
        }
    }

    private static List<@Nullable Refusal> all(List<@Nullable Refusal> refusals, Refusal failed) {
        List<@Nullable Refusal> every = new ArrayList<>();
        for (Refusal refusal : refusals) {
            every.add(refusal == null ? failed : refusal);
        }
        return every;
    }

    private void subscribe(Subscription subscription, Confirmations all) {
        List<AddressFilter> before = subscriptions.filters();
        boolean isNew = subscriptions.add(subscription);
        Map<PartitionKey, Long> from = new HashMap<>();
        for (Feed feed : subscriptions.feeds(subscription.filter())) {
            if (!mayHold(before, feed.topic())) {
                beginHere(feed);
                from.put(feed.key(), feed.partition().highWatermark());
            }
        }
        subscriptions.absent(
                subscription.filter(),
                (topic, partition) -> {
                    if (!mayHold(before, topic)) {
                        unsettled.add(partition);
                        from.put(partition, StoredSession.UNSETTLED);
                    }
                });
        journal.note(
                SessionEvents.subscribed(subscription, from),
                refusal -> {
                    all.completed(refusal);
                    if (journal.kept()) {
                        host.unsettled().noted(journal.key(), from);
                    }
                    if (refusal == null && !closed) {
                        retained.enqueue(subscription, isNew);
                    }
                });
    }

    private static boolean mayHold(List<AddressFilter> filters, Topic topic) {
        for (AddressFilter filter : filters) {
            if (Feeds.mayHold(topic, filter)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What was published before the subscription is not for it. What is noted may be less: offsets
     * that are not durable yet can be given again.
     */
    private void beginHere(Feed feed) {
        long end = feed.partition().logEndOffset();
        if (feed.committed() < end) {
            readers.add(new CatchUpReader(this, feed, end, end));
        }
    }

    @Override
    public void unsubscribe(List<AddressFilter> filters, UnsubscribeCallback callback) {
        List<Boolean> existed = new ArrayList<>();
        List<AddressFilter> removed = new ArrayList<>();
        for (AddressFilter filter : filters) {
            boolean there = subscriptions.remove(filter);
            existed.add(there);
            if (there) {
                removed.add(filter);
            }
        }
        Confirmations all =
                new Confirmations(
                        context.turn.loop(),
                        removed.size(),
                        failed -> callback.completed(existed, failed));
        for (AddressFilter filter : removed) {
            journal.note(SessionEvents.unsubscribed(filter.text()), all::completed);
        }
        forgetReaders();
    }

    private void forgetReaders() {
        readers.removeIf(
                reader -> {
                    boolean unwanted = !subscriptions.mayHold(reader.feed().topic());
                    if (unwanted) {
                        drop(reader);
                    }
                    return unwanted || over(reader);
                });
    }

    private boolean over(CatchUpReader reader) {
        boolean over = reader.caughtUp();
        if (over) {
            drop(reader);
        }
        return over;
    }

    /** What it had reserved is never delivered. */
    private void drop(CatchUpReader reader) {
        reader.end();
        for (Reservation reservation : reader.reserved()) {
            journal.note(SessionEvents.completed(reservation.identifier()));
            inFlight.remove(inFlight.find(reservation.identifier()));
        }
        reader.reserved().clear();
    }

    // Delivery, live.

    private @Nullable CatchUpReader reader(Feed feed) {
        for (int i = 0; i < readers.size(); i++) {
            if (readers.get(i).feed().equals(feed)) {
                return readers.get(i);
            }
        }
        return null;
    }

    @Override
    public void offer(Feed feed, RecordView record, Target target, boolean early) {
        if (closed) {
            return;
        }
        if (!readers.isEmpty() && reader(feed) != null) {
            goOn();
            return;
        }
        boolean taken =
                started && redelivery.done() && !blocked && !needsReservation(record, target);
        if (!taken || !deliver(record, target, feed)) {
            long next = early ? feed.committed() : record.offset();
            long qos0Next = early ? record.offset() : Math.max(next, feed.sequenced());
            readers.add(new CatchUpReader(this, feed, next, fallBack(qos0Next, record, early)));
            goOn();
        }
    }

    /** A QoS 0 message that comes with what is visible was not delivered ahead. */
    private long fallBack(long qos0Next, RecordView record, boolean early) {
        return keepsPosition() && !early ? record.offset() : qos0Next;
    }

    private boolean needsReservation(RecordView record, Target target) {
        return keepsPosition() && quality(record, target) == 2;
    }

    private static int quality(RecordView record, Target target) {
        return Math.min(record.publishedQos(), target.maximumQos());
    }

    @Override
    public void offerUnstored(RecordView record, Target target) {
        if (closed || !started || blocked) {
            host.counters().droppedQos0.add(1);
        } else {
            hand(record.present(0, false, false, 0, target.identifiers()));
        }
    }

    /**
     * @return false if it must wait
     */
    private boolean deliver(RecordView record, Target target, Feed feed) {
        int qos = quality(record, target);
        boolean retainFlag = target.retainAsPublished() && record.publishedRetained();
        if (qos == 0) {
            return hand(record.present(0, retainFlag, false, 0, target.identifiers()));
        }
        if (inFlight.full()) {
            return false;
        }
        int id = inFlight.add(InFlight.SENT, qos, feed.key(), record.offset());
        boolean taken = hand(record.present(qos, retainFlag, false, id, target.identifiers()));
        if (!taken) {
            inFlight.remove(inFlight.find(id));
            inFlight.resumeAfter(id == 1 ? 65_535 : id - 1);
        }
        return taken;
    }

    boolean hand(RecordView delivery) {
        boolean taken = receiver.deliver(delivery);
        if (taken) {
            host.counters().delivered.add(1);
        } else {
            blocked = true;
        }
        return taken;
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
        if (closed || blocked || !started) {
            return;
        }
        context.delivery.beginRun();
        context.delivery.touched(this);
        redelivery.run();
        if (redelivery.done() && !blocked) {
            retained.run();
            catchUp();
        }
        context.delivery.endRun();
    }

    private void catchUp() {
        boolean more = false;
        for (int i = 0; i < readers.size() && !blocked; i++) {
            nextReader = nextReader >= readers.size() ? 0 : nextReader;
            more |= readers.get(nextReader++).step();
        }
        readers.removeIf(this::over);
        if (more && !blocked) {
            goOn();
        }
    }

    @Override
    public Outcome take(CatchUpReader reader, RecordView record, Target target) {
        if (blocked) {
            return Outcome.WAIT;
        }
        if (quality(record, target) == 0) {
            boolean missed = keepsPosition() && record.offset() < reader.qos0Next();
            if (missed) {
                return Outcome.DONE;
            }
            if (reader.feed().sequenced() - record.offset() > MOST_QOS0_BEHIND) {
                host.counters().droppedQos0.add(1);
                return Outcome.DONE;
            }
        }
        if (needsReservation(record, target)) {
            return takeReserved(reader, record, target);
        }
        return deliver(record, target, reader.feed()) ? Outcome.DONE : Outcome.WAIT;
    }

    private Outcome takeReserved(CatchUpReader reader, RecordView record, Target target) {
        Reservation head = reader.reserved().peek();
        if (head == null || head.offset() != record.offset()) {
            return reserve(reader, record, target) ? Outcome.RESERVED : Outcome.WAIT;
        }
        if (!head.durable()) {
            return Outcome.RESERVED;
        }
        int id = head.identifier();
        boolean retainFlag = target.retainAsPublished() && record.publishedRetained();
        if (!hand(record.present(2, retainFlag, false, id, target.identifiers()))) {
            return Outcome.WAIT;
        }
        inFlight.state(inFlight.find(id), InFlight.SENT);
        reader.reserved().remove();
        return Outcome.DONE;
    }

    @Override
    public boolean reserve(CatchUpReader reader, RecordView record, Target target) {
        if (!needsReservation(record, target) || inFlight.full()) {
            return false;
        }
        PartitionKey partition = reader.feed().key();
        int id = inFlight.add(InFlight.RESERVED, 2, partition, record.offset());
        Reservation reservation = new Reservation(record.offset(), id);
        reader.reserve(record, reservation);
        journal.note(
                SessionEvents.outbound(id, InFlight.SENT, 2, partition, record.offset()),
                refusal -> {
                    if (refusal == null) {
                        reservation.confirm();
                        goOn();
                    } else {
                        fail(refusal);
                    }
                });
        return true;
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
        if (!readers.isEmpty() || !redelivery.done() || !retained.done()) {
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
        if (blocked) {
            blocked = false;
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
        readers.forEach(CatchUpReader::end);
        readers.clear();
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
