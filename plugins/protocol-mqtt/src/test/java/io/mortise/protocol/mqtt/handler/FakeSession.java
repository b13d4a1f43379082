// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.handler;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Subscription;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A session that notes what it is told and answers at once, on the loop, or when a test says so.
 */
final class FakeSession implements Session {
    final List<Message> published = new ArrayList<>();
    final List<Integer> exactlyOnce = new ArrayList<>();
    final List<Integer> released = new ArrayList<>();
    final List<Integer> acknowledged = new ArrayList<>();
    final List<Integer> received = new ArrayList<>();
    final List<Subscription> subscriptions = new ArrayList<>();
    final List<AddressFilter> unsubscribed = new ArrayList<>();
    final List<Long> expiries = new ArrayList<>();
    final List<End> ends = new ArrayList<>();
    int starts;
    int resumes;
    boolean publishable = true;
    boolean known = true;
    boolean held;
    @Nullable Refusal refusal;

    private final Executor loop;
    private final boolean present;
    private final List<Runnable> waiting = new ArrayList<>();

    FakeSession(Executor loop, boolean present) {
        this.loop = loop;
        this.present = present;
    }

    /** Answers what was asked while {@link #held}, in the order given by {@code indexes}. */
    void proceed(int... indexes) {
        for (int index : indexes) {
            waiting.get(index).run();
        }
        if (indexes.length == 0) {
            waiting.forEach(Runnable::run);
        }
        waiting.clear();
    }

    private void answer(Runnable answer) {
        if (held) {
            waiting.add(answer);
        } else {
            loop.execute(answer);
        }
    }

    private void take(Message message) {
        byte[] body = ByteBufUtil.getBytes(message.payload());
        message.payload().release();
        published.add(
                new Message(
                        message.address(),
                        Unpooled.wrappedBuffer(body),
                        message.headers(),
                        message.qos(),
                        message.retained(),
                        message.expirySeconds()));
    }

    @Override
    public boolean present() {
        return present;
    }

    @Override
    public void start() {
        starts++;
    }

    @Override
    public void publish(Message message, @Nullable PublishCallback callback) {
        take(message);
        Refusal answer = refusal;
        if (callback != null) {
            answer(() -> callback.completed(answer));
        }
    }

    @Override
    public void publishExactlyOnce(int identifier, Message message, PublishCallback callback) {
        exactlyOnce.add(identifier);
        publish(message, callback);
    }

    @Override
    public void release(int identifier, ReleaseCallback callback) {
        released.add(identifier);
        boolean answer = known;
        answer(() -> callback.completed(answer, refusal));
    }

    @Override
    public boolean publishable() {
        return publishable;
    }

    @Override
    public void subscribe(List<Subscription> wishes, SubscribeCallback callback) {
        subscriptions.addAll(wishes);
        List<@Nullable Refusal> refusals = Collections.nCopies(wishes.size(), refusal);
        answer(() -> callback.completed(refusals));
    }

    @Override
    public void unsubscribe(List<AddressFilter> filters, UnsubscribeCallback callback) {
        unsubscribed.addAll(filters);
        List<Boolean> existed = Collections.nCopies(filters.size(), known);
        answer(() -> callback.completed(existed, refusal));
    }

    @Override
    public void acknowledge(int deliveryId) {
        acknowledged.add(deliveryId);
    }

    @Override
    public void received(int deliveryId, ReleaseCallback callback) {
        received.add(deliveryId);
        boolean answer = known;
        answer(() -> callback.completed(answer, refusal));
    }

    @Override
    public void resume() {
        resumes++;
    }

    @Override
    public void updateExpiry(long expirySeconds) {
        expiries.add(expirySeconds);
    }

    @Override
    public void close(End end) {
        ends.add(end);
    }
}
