// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.routing.AddressMapping;
import io.mortise.kernel.routing.AddressText;
import io.mortise.kernel.routing.Murmur2;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Address;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Session.PublishCallback;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Objects;

/**
 * Publishes for the sessions of one tenant on one loop: checks, finds the place, encodes, and joins
 * what one turn brings for one partition. A publish to a topic that is being created waits for it
 * without holding up others; messages of one publisher to one address keep their order. Used on
 * that loop.
 */
public final class Publisher {
    private static final int PLACEMENTS = 4096;

    private final DeliveryServices services;
    private final LoopTurn turn;
    private final TopicRoutes routes;
    private final RetainedSink retained;
    private final UnstoredFanout unstored;
    private final ExactlyOnceGate marks;
    private final MessageHeaders headers = new MessageHeaders();
    private final @Nullable Placement[] placements = new @Nullable Placement[PLACEMENTS];

    Publisher(
            DeliveryServices services,
            TenantId tenant,
            LoopTurn turn,
            RetainedSink retained,
            UnstoredFanout unstored,
            ExactlyOnceGate marks) {
        this.services = services;
        this.turn = turn;
        this.retained = retained;
        this.unstored = unstored;
        this.marks = marks;
        this.routes = new TopicRoutes(services, tenant, turn, this);
    }

    /**
     * Publishes.
     *
     * @param message its payload is taken, always
     * @param exactlyOnce identity of an exactly-once publish, or null
     * @param callback told once, on the loop, never before this returns: at QoS 0 when it has its
     *     place, otherwise when durable
     * @param sequenced told of the place before that
     */
    public void publish(
            Publishing who,
            Message message,
            byte @Nullable [] exactlyOnce,
            @Nullable PublishCallback callback,
            @Nullable SequencedListener sequenced) {
        Address address = message.address();
        int slot = slot(address);
        Placement place = placements[slot];
        long version = services.security().version();
        if (place != null && place.address.equals(address) && place.allowed(who, version)) {
            if (exactlyOnce == null) {
                write(place, who, message, null, callback, sequenced);
            } else {
                append(place, new Publish(who, message, exactlyOnce, callback, sequenced));
            }
            return;
        }
        Publish publish = new Publish(who, message, exactlyOnce, callback, sequenced);
        Refusal refusal = check(who, address);
        if (refusal != null) {
            turn.loop().execute(() -> publish.refuse(refusal));
            return;
        }
        route(publish, slot, version);
    }

    private static int slot(Address address) {
        return address.hashCode() * 0x9E3779B9 >>> 20; // of 4 096
    }

    private @Nullable Refusal check(Publishing who, Address address) {
        byte[] bytes = address.bytes();
        if (!AddressText.legal(bytes, 0, bytes.length)) {
            return new Refusal(
                    Reason.INVALID_REQUEST,
                    "the address is not UTF-8 text without control characters");
        }
        int levels = AddressText.levels(bytes);
        if (levels > AddressText.MAX_LEVELS) {
            return new Refusal(
                    Reason.INVALID_REQUEST,
                    "the address has " + levels + " levels, more than " + AddressText.MAX_LEVELS);
        }
        boolean allowed =
                services.security()
                        .allowed(
                                who.principal(),
                                who.host(),
                                Operation.WRITE,
                                ResourceType.TOPIC,
                                address.toString());
        return allowed
                ? null
                : new Refusal(
                        Reason.NOT_AUTHORIZED,
                        "user '" + who.principal().name() + "' may not write to " + address);
    }

    private void route(Publish publish, int slot, long rulesVersion) {
        Address address = publish.message().address();
        byte[] bytes = address.bytes();
        int end = AddressMapping.levelEnd(bytes, 0, bytes.length);
        TopicRoute route = routes.find(new String(bytes, 0, end, UTF_8), publish.who());
        switch (route.state) {
            case READY -> {
                Placement place = place(address, route, end);
                place.allow(publish.who(), rulesVersion);
                placements[slot] = place;
                append(place, publish);
            }
            case CREATING -> {
                route.waiting.add(publish);
                publish.who().stalled();
            }
            case UNSTORED -> unstored(publish);
            case REFUSED -> {
                Refusal refusal = Objects.requireNonNull(route.refusal);
                turn.loop().execute(() -> publish.refuse(refusal));
            }
        }
    }

    private static Placement place(Address address, TopicRoute route, int firstLevelEnd) {
        byte[] bytes = address.bytes();
        int keyFrom = route.catchAll ? 0 : Math.min(bytes.length, firstLevelEnd + 1);
        boolean nullKey = !route.catchAll && firstLevelEnd == bytes.length;
        int keyLength = nullKey ? -1 : bytes.length - keyFrom;
        int count = route.writers.length;
        int partition =
                nullKey
                        ? Murmur2.partition(bytes, 0, bytes.length, count)
                        : Murmur2.partition(bytes, keyFrom, keyLength, count);
        return new Placement(address, route, route.writers[partition], keyFrom, keyLength);
    }

    private void append(Placement place, Publish publish) {
        Topic topic = place.route.topic;
        if (publish.exactlyOnce() == null || topic == null) {
            write(place, publish);
        } else {
            int partition = place.writer.index();
            marks.before(
                    turn,
                    topic,
                    partition,
                    generation -> {
                        SequencedListener listener = publish.sequenced();
                        if (listener != null) {
                            listener.entered(topic, partition, generation);
                        }
                        write(place, publish);
                    });
        }
    }

    private void write(Placement place, Publish publish) {
        write(
                place,
                publish.who(),
                publish.message(),
                publish.exactlyOnce(),
                publish.callback(),
                publish.sequenced());
    }

    private void write(
            Placement place,
            Publishing who,
            Message message,
            byte @Nullable [] exactlyOnce,
            @Nullable PublishCallback told,
            @Nullable SequencedListener heard) {
        PartitionWriter writer = place.writer;
        long now = services.clock().wallMillis();
        PublishCallback callback = told;
        SequencedListener sequenced = heard;
        if (message.retained()) {
            message.payload().retain();
            RetainedPublish both =
                    new RetainedPublish(
                            turn,
                            retained,
                            services.scheduler(),
                            message,
                            now,
                            callback,
                            sequenced);
            callback = both;
            sequenced = both;
        }
        headers.encode(message, who.origin(), exactlyOnce);
        writer.append(
                now,
                place.address.bytes(),
                place.keyFrom,
                place.keyLength,
                message.payload(),
                headers.bytes(),
                headers.count(),
                message.qos() == 0 ? AckLevel.SEQUENCED : AckLevel.DURABLE,
                callback,
                sequenced);
        writer.by(who);
        message.payload().release();
        if (writer.blocked()) {
            who.stalled();
            writer.whenOpen(who::resumed);
        }
    }

    private void unstored(Publish publish) {
        unstored.deliver(SingleMessage.encode(publish.message(), services.clock().wallMillis()));
        publish.message().payload().release();
        PublishCallback callback = publish.callback();
        if (callback != null) {
            turn.loop().execute(() -> callback.completed(null));
        }
    }

    /** A topic is known now, or will not be: goes on with what waited for it. */
    void goOn(TopicRoute route) {
        Publish publish = route.waiting.poll();
        while (publish != null) {
            goOn(publish, route);
            publish.who().resumed();
            publish = route.waiting.poll();
        }
    }

    /** It may have waited long: the rules are asked again. */
    private void goOn(Publish publish, TopicRoute route) {
        Address address = publish.message().address();
        long version = services.security().version();
        boolean refused = route.state == TopicRoute.State.REFUSED;
        Refusal refusal = refused ? route.refusal : check(publish.who(), address);
        if (refusal == null) {
            route(publish, slot(address), version);
        } else {
            publish.refuse(refusal);
        }
    }

    /** Placements may have changed. */
    void forget() {
        Arrays.fill(placements, null);
    }

    /** Ends what it holds. */
    public void close() {
        routes.close();
    }
}
