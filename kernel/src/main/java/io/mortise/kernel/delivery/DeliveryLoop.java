// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.routing.AddressBuffer;
import io.mortise.kernel.routing.SubscriptionIndex;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Subscription;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that one event loop does for the subscribers of one tenant: its subscription index and
 * its feeds. Used on that loop only.
 */
public final class DeliveryLoop {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryLoop.class);
    private static final int CACHED_MATCHES = 8192;
    private static final long PAUSE_NANOS = 100_000_000L;

    private final DeliveryServices services;
    private final TenantId tenant;
    private final LoopTurn turn;
    private final SubscriptionIndex<Bound, Match> index =
            new SubscriptionIndex<>(Match::of, CACHED_MATCHES);
    private final BatchWalk walk = new BatchWalk();
    private final LogReader reader;
    private final Feeds feeds;
    private final List<Subscriber> touched = new ArrayList<>();
    private @Nullable Subscriber lastTouched;
    private final Set<Subscriber> keepers = new HashSet<>();
    private long nowMillis;

    DeliveryLoop(DeliveryServices services, TenantId tenant, LoopTurn turn) {
        this.services = services;
        this.tenant = tenant;
        this.turn = turn;
        this.reader = new LogReader(turn, services.scheduler());
        this.feeds = new Feeds(this, services.topics());
    }

    /** The tenant whose topics it reads. */
    public TenantId tenant() {
        return tenant;
    }

    /** The loop's turn. */
    public LoopTurn turn() {
        return turn;
    }

    /** What the broker lends. */
    public DeliveryServices services() {
        return services;
    }

    /** Which partitions are read for whom. */
    public Feeds feeds() {
        return feeds;
    }

    LogReader reader() {
        return reader;
    }

    BatchWalk walk() {
        return walk;
    }

    /** Wall time of the run under way. */
    public long nowMillis() {
        return nowMillis;
    }

    boolean anyKeepsPosition() {
        return !keepers.isEmpty();
    }

    /** Adds a session; it has no subscription yet. */
    public void join(Subscriber subscriber) {
        if (subscriber.keepsPosition()) {
            keepers.add(subscriber);
        }
    }

    /** Takes back {@link #join}; its subscriptions are gone already. */
    public void leave(Subscriber subscriber) {
        keepers.remove(subscriber);
    }

    void opened(Feed feed) {
        for (Subscriber keeper : keepers) {
            keeper.opened(feed);
        }
    }

    /** Adds a subscription; live from now on. */
    public Bound subscribe(Subscriber subscriber, Subscription subscription) {
        Bound bound = new Bound(subscriber, subscription);
        index.add(subscription.filter().text().getBytes(UTF_8), bound);
        feeds.add(subscription.filter());
        return bound;
    }

    /** Removes a subscription. */
    public void unsubscribe(Bound bound) {
        index.remove(bound.subscription().filter().text().getBytes(UTF_8), bound);
        feeds.remove(bound.subscription().filter());
    }

    /** Begins a run of offers, which {@link #endRun} ends with a flush of whom it touched. */
    public void beginRun() {
        nowMillis = services.clock().wallMillis();
    }

    /** Has {@code subscriber} flushed at the end of the run. */
    public void touched(Subscriber subscriber) {
        if (!subscriber.equals(lastTouched)) {
            lastTouched = subscriber;
            touched.add(subscriber);
        }
    }

    /** Ends a run. */
    public void endRun() {
        lastTouched = null;
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).flush();
        }
        touched.clear();
    }

    Match match(RecordView record) {
        AddressBuffer address = record.addressBytes();
        Match match = index.match(address.bytes(), address.length());
        if (match.targets().length > 0) {
            match.prepare(record, services.security());
        }
        return match;
    }

    /** Delivers a message that is in no log to whoever is live here. */
    public void deliverUnstored(ByteBuf single) {
        if (index.size() == 0) {
            return;
        }
        beginRun();
        RecordView view = walk.view();
        view.load(single, nowMillis);
        for (Target target : match(view).targets()) {
            Target effective = target.forMessage(view);
            if (target.allowed() && effective != null) {
                touched(target.subscriber());
                target.subscriber().offerUnstored(view, effective);
            }
        }
        view.clear();
        endRun();
    }

    /** Runs {@code task} on the loop after a pause: what failed is tried again. */
    public void later(Runnable task) {
        services.scheduler().schedule(() -> turn.execute(task), PAUSE_NANOS);
    }

    void readFailed(Feed feed, @Nullable Refusal refusal) {
        if (refusal != null && refusal.reason() != Reason.OFFSET_OUT_OF_RANGE) {
            LOG.warn("Reading {} for live subscribers: {}", feed.partition().logId(), refusal);
        }
    }
}
