// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.session;

import io.mortise.protocol.mqtt.codec.PacketDecoder;
import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.spi.security.Principal;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the connections of one event loop share. On that loop, but for {@link #connections}. */
public final class ConnectionLoop {
    /** Length of a tick: keep alive is told to half a second. */
    static final int TICKS_PER_SECOND = 2;

    private final EventLoop executor;
    private final Counters counters;
    private final PacketDecoder decoder = new PacketDecoder();
    private final TimeoutWheel wheel = new TimeoutWheel();
    private final AtomicInteger connections = new AtomicInteger();
    private List<Outbox> dirty = new ArrayList<>();
    private List<Outbox> flushing = new ArrayList<>();
    private boolean flushScheduled;
    private @Nullable Future<?> ticking;
    private int publishes;
    private int deliveries;

    public ConnectionLoop(EventLoop executor, Counters counters) {
        this.executor = executor;
        this.counters = counters;
    }

    /** The loop itself. */
    public EventLoop executor() {
        return executor;
    }

    /** Decodes for every connection of the loop. */
    public PacketDecoder decoder() {
        return decoder;
    }

    /** The plugin's counters. */
    public Counters counters() {
        return counters;
    }

    /** Open connections. Any thread. */
    public int connections() {
        return connections.get();
    }

    /** Counts a PUBLISH taken. */
    public void countPublish() {
        publishes++;
    }

    /** Counts a PUBLISH written. */
    public void countDelivery() {
        deliveries++;
    }

    /** Says goodbye to every connection. */
    public void disconnectAll(ReasonCode reason, String text) {
        wheel.forEach(
                entry -> {
                    if (entry instanceof ClientConnection connection) {
                        connection.disconnect(reason, text);
                    }
                });
    }

    /** Ends the connections of users who must show again who they are. */
    public void revoke(Set<Principal> principals) {
        wheel.forEach(
                entry -> {
                    if (entry instanceof ClientConnection connection) {
                        connection.revoke(principals);
                    }
                });
    }

    TimeoutWheel wheel() {
        return wheel;
    }

    void add(ClientConnection connection) {
        connections.incrementAndGet();
        wheel.add(connection);
        if (ticking == null) {
            long millis = 1_000L / TICKS_PER_SECOND;
            ticking =
                    executor.scheduleWithFixedDelay(
                            this::tick, millis, millis, TimeUnit.MILLISECONDS);
        }
    }

    void remove(ClientConnection connection) {
        connections.decrementAndGet();
        wheel.remove(connection);
        if (wheel.isEmpty() && ticking != null) {
            ticking.cancel(false);
            ticking = null;
        }
    }

    /** Runs after the reads and tasks of this turn that are queued already. */
    void flushAtEndOfTurn(Outbox outbox) {
        dirty.add(outbox);
        if (!flushScheduled) {
            flushScheduled = true;
            executor.execute(this::flush);
        }
    }

    private void flush() {
        flushScheduled = false;
        List<Outbox> batch = dirty;
        dirty = flushing;
        flushing = batch;
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).flush();
        }
        batch.clear();
        publishCounts();
    }

    private void tick() {
        wheel.tick();
        publishCounts();
    }

    private void publishCounts() {
        if (publishes > 0) {
            counters.publishes().add(publishes);
            publishes = 0;
        }
        if (deliveries > 0) {
            counters.deliveries().add(deliveries);
            deliveries = 0;
        }
    }
}
