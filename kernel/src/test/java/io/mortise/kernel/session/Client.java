// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Delivery;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Subscription;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** A client that notes what it gets and, if told so, answers as MQTT does. */
final class Client implements Receiver {
    private final World world;
    private @Nullable Session session;
    @Nullable Refusal refused;
    @Nullable Refusal closed;
    final List<Got> got = new ArrayList<>();
    final List<Integer> released = new ArrayList<>();
    final ArrayDeque<Got> unacknowledged = new ArrayDeque<>();

    /** Identifiers that a QoS 2 receiver keeps until the release, whatever its connection. */
    Set<Integer> held = new HashSet<>();

    boolean answers = true;
    boolean full;
    private boolean gone;
    int flushes;
    int publishable;
    int answered;

    /** One delivery. */
    record Got(
            String address, String payload, int qos, boolean retained, boolean duplicate, int id) {}

    Client(World world) {
        this.world = world;
    }

    void opened(@Nullable Session opened, @Nullable Refusal refusal) {
        session = opened;
        refused = refusal;
    }

    Session session() {
        return Objects.requireNonNull(session, () -> "not connected: " + refused);
    }

    boolean connected() {
        return session != null && closed == null && !gone;
    }

    /** Ends the connection itself. */
    void close(Session.End end) {
        gone = true;
        session().close(end);
    }

    List<String> payloads() {
        return got.stream().map(Got::payload).toList();
    }

    void subscribe(String filter, int qos) {
        subscribe(World.subscription(filter, qos));
    }

    void subscribe(Subscription subscription) {
        List<@Nullable Refusal> answer = new ArrayList<>();
        boolean[] told = new boolean[1];
        session()
                .subscribe(
                        List.of(subscription),
                        refusals -> {
                            told[0] = true;
                            answer.addAll(refusals);
                        });
        world.run(20);
        if (!told[0] || answer.size() != 1) {
            throw new AssertionError("no answer to subscribe");
        }
        refused = answer.getFirst();
    }

    void unsubscribe(String filter) {
        session().unsubscribe(List.of(new AddressFilter(filter)), (existed, refusal) -> {});
        world.run(20);
    }

    /** Publishes; {@link #answered} counts the answers. */
    void publish(String address, String payload, int qos) {
        publish(World.message(address, payload, qos));
    }

    void publish(Message message) {
        session()
                .publish(
                        message,
                        refusal -> {
                            refused = refusal;
                            answered++;
                        });
    }

    @Override
    public boolean deliver(Delivery delivery) {
        if (full) {
            return false;
        }
        Got one =
                new Got(
                        delivery.address().toString(),
                        delivery.payload().toString(UTF_8),
                        delivery.qos(),
                        delivery.retained(),
                        delivery.duplicate(),
                        delivery.deliveryId());
        if (one.qos == 2 && !held.add(one.id)) {
            if (!one.duplicate) {
                throw new AssertionError("identifier " + one.id + " used twice");
            }
        } else {
            got.add(one);
        }
        if (one.qos > 0) {
            unacknowledged.add(one);
            if (answers) {
                world.scheduler.schedule(this::answerOne, world.random.nextInt(2_000_000));
            }
        }
        return true;
    }

    /** Answers the oldest delivery. */
    void answerOne() {
        Got one = unacknowledged.poll();
        if (one == null || !connected()) {
            return;
        }
        if (one.qos == 1) {
            session().acknowledge(one.id);
        } else {
            session()
                    .received(
                            one.id,
                            (known, refusal) -> {
                                if (connected() && refusal == null) {
                                    complete(one.id);
                                }
                            });
        }
    }

    private void complete(int id) {
        held.remove(id);
        session().acknowledge(id);
    }

    void answerAll() {
        while (!unacknowledged.isEmpty()) {
            answerOne();
        }
    }

    @Override
    public void flush() {
        flushes++;
    }

    @Override
    public void release(int deliveryId) {
        released.add(deliveryId);
        complete(deliveryId);
    }

    @Override
    public void publishable() {
        publishable++;
    }

    @Override
    public void closed(Refusal reason) {
        closed = reason;
    }
}
