// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.kernel.routing.AddressMapping;
import io.mortise.kernel.routing.TopicNames;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.Remedy;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.security.Operation;
import io.mortise.spi.security.ResourceType;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;

/**
 * First level to topic, for one tenant on one loop: what names no topic goes to the catch-all, and
 * what names an absent one has it created. Used on that loop.
 */
final class TopicRoutes implements Topics.TopicListener {
    private static final int MOST_ROUTES = 16 * 1024;

    private final DeliveryServices services;
    private final TenantId tenant;
    private final LoopTurn turn;
    private final Publisher publisher;
    private final Map<String, TopicRoute> routes = new HashMap<>();
    private final Map<TopicId, PartitionWriter[]> writers = new HashMap<>();
    private @Nullable Registration changes;

    TopicRoutes(DeliveryServices services, TenantId tenant, LoopTurn turn, Publisher publisher) {
        this.services = services;
        this.tenant = tenant;
        this.turn = turn;
        this.publisher = publisher;
    }

    /** The route of a first level; {@code who} needs the right to create if it is absent. */
    TopicRoute find(String firstLevel, Publishing who) {
        if (changes == null) {
            changes = services.topics().onChange(turn.loop(), this);
        }
        TopicRoute known = routes.get(firstLevel);
        if (known != null) {
            return known;
        }
        TopicRoute route = resolve(firstLevel, who);
        if (route.state != TopicRoute.State.REFUSED && routes.size() < MOST_ROUTES) {
            routes.put(firstLevel, route);
        }
        return route;
    }

    private TopicRoute resolve(String firstLevel, Publishing who) {
        TopicRoute route = new TopicRoute(firstLevel, TopicRoute.State.CREATING);
        switch (AddressMapping.kind(firstLevel)) {
            case LIVE_ONLY -> route.state = TopicRoute.State.UNSTORED;
            case INTERNAL -> route.refused(internal(firstLevel));
            case CATCH_ALL -> toCatchAll(route, who);
            case TOPIC -> toTopic(route, who);
        }
        return route;
    }

    private static Refusal internal(String name) {
        return new Refusal(
                Reason.NOT_AUTHORIZED, "topic '" + name + "' is internal: publishing is refused");
    }

    private void toTopic(TopicRoute route, Publishing who) {
        Topic topic = services.topics().find(tenant, route.firstLevel);
        if (topic != null && topic.internal()) {
            route.refused(internal(route.firstLevel));
        } else if (topic != null) {
            ready(route, topic, false);
        } else if (collides(route.firstLevel)) {
            toCatchAll(route, who);
        } else {
            create(route, route.firstLevel, false, who);
        }
    }

    private boolean collides(String name) {
        String key = TopicNames.collisionKey(name);
        for (Topic topic : services.topics().all(tenant)) {
            if (TopicNames.collisionKey(topic.name()).equals(key)) {
                return true;
            }
        }
        return false;
    }

    private void toCatchAll(TopicRoute route, Publishing who) {
        Topic topic = services.topics().find(tenant, TopicNames.CATCH_ALL);
        if (topic != null) {
            ready(route, topic, true);
        } else {
            create(route, TopicNames.CATCH_ALL, true, who);
        }
    }

    private void ready(TopicRoute route, Topic topic, boolean catchAll) {
        PartitionWriter[] of = writers.get(topic.id());
        if (of == null || of.length != topic.partitionCount()) {
            of = new PartitionWriter[topic.partitionCount()];
            for (int i = 0; i < of.length; i++) {
                of[i] = new PartitionWriter(turn, topic, i);
            }
            writers.put(topic.id(), of);
        }
        route.ready(topic, catchAll, of);
    }

    private void create(TopicRoute route, String name, boolean catchAll, Publishing who) {
        boolean allowed =
                services.security()
                        .allowed(
                                who.principal(),
                                who.host(),
                                Operation.CREATE,
                                ResourceType.TOPIC,
                                name);
        if (!allowed) {
            String user = who.principal().name();
            route.refused(
                    new Refusal(
                            Reason.NOT_AUTHORIZED,
                            "user '" + user + "' may not create topic '" + name + "'"));
            return;
        }
        services.topics()
                .createAutomatically(tenant, name)
                .whenCompleteAsync(
                        (topic, failure) -> created(route, catchAll, who, topic, failure),
                        turn.loop());
    }

    private void created(
            TopicRoute route,
            boolean catchAll,
            Publishing who,
            @Nullable Topic topic,
            @Nullable Throwable failure) {
        if (topic != null) {
            ready(route, topic, catchAll);
        } else {
            Refusal refusal = refusal(failure);
            boolean nameIsTheFault =
                    refusal.remedy() == Remedy.FIX_REQUEST
                            || refusal.reason() == Reason.QUOTA_EXCEEDED;
            if (nameIsTheFault && !catchAll) {
                toCatchAll(route, who);
            } else {
                route.refused(refusal);
            }
        }
        if (route.state == TopicRoute.State.REFUSED) {
            routes.remove(route.firstLevel, route); // the next publish tries again
        }
        if (route.state == TopicRoute.State.CREATING) {
            return; // now the catch-all is being created
        }
        publisher.goOn(route);
    }

    private static Refusal refusal(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
        return cause instanceof RefusedException refused
                ? refused.refusal()
                : new Refusal(Reason.INTERNAL_ERROR, "creating a topic: " + cause);
    }

    @Override
    public void changed(Topic topic) {
        PartitionWriter[] of = writers.get(topic.id());
        if (of != null && of.length != topic.partitionCount()) {
            forget(topic);
        }
        TopicRoute byName = topic.tenant().equals(tenant) ? routes.get(topic.name()) : null;
        if (byName != null && byName.catchAll && !topic.name().equals(TopicNames.CATCH_ALL)) {
            forget(topic); // it went to the catch-all while there was no such topic
        }
    }

    @Override
    public void deleted(Topic topic) {
        if (topic.tenant().equals(tenant)) {
            forget(topic);
        }
    }

    private void forget(Topic topic) {
        turn.run();
        writers.remove(topic.id());
        routes.values()
                .removeIf(
                        route ->
                                topic.equals(route.topic)
                                        || route.state == TopicRoute.State.READY
                                                && route.firstLevel.equals(topic.name()));
        publisher.forget();
    }

    void close() {
        if (changes != null) {
            changes.close();
            changes = null;
        }
    }
}
