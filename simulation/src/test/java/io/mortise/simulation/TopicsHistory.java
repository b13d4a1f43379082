// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.kernel.topic.BrokerTopics;
import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Topics.TopicSpec;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Which topics there should be, one command at a time for each name. */
final class TopicsHistory {
    private static final String RETENTION = "retention.ms";

    private static final class Known {
        @Nullable TopicId id;
        String retention = "604800000";

        // What the command under way, or one of unknown outcome, would make of it.
        boolean open;
        boolean deletes;
        @Nullable String nextRetention;
    }

    private final World world;
    private final Map<String, Known> byName = new TreeMap<>();

    TopicsHistory(World world) {
        this.world = world;
    }

    private Known known(String name) {
        return byName.computeIfAbsent(name, _ -> new Known());
    }

    /** Creates, changes or deletes the topic, if nothing else is under way for it. */
    void command(BrokerTopics topics, String name, Durability durability, int drawn) {
        Known known = known(name);
        TopicId id = known.id;
        if (known.open) {
            return;
        }
        known.open = true;
        known.deletes = false;
        known.nextRetention = null;
        if (id == null) {
            var spec = new TopicSpec(TenantId.DEFAULT, name, 1, configs(name, durability), false);
            follow(name, known, topics.create(spec).thenApply(it -> it.id()));
        } else if (drawn % 3 == 0) {
            known.deletes = true;
            follow(name, known, topics.delete(id).thenApply(_ -> id));
        } else {
            String retention = Long.toString(60_000L * (1 + drawn % 200));
            known.nextRetention = retention;
            Map<String, @Nullable String> change = Map.of(RETENTION, retention);
            follow(name, known, topics.alterConfig(id, change).thenApply(_ -> id));
        }
    }

    /** Every other topic is. */
    static boolean compacted(String name) {
        return (name.charAt(name.length() - 1) & 1) != 0;
    }

    private static Map<String, String> configs(String name, Durability durability) {
        return compacted(name)
                ? Map.of(
                        "durability",
                        durability.name(),
                        "cleanup.policy",
                        "compact",
                        "min.cleanable.dirty.ratio",
                        "0.2",
                        "delete.retention.ms",
                        Long.toString(KeyedRecords.TOMBSTONE_MILLIS))
                : Map.of("durability", durability.name());
    }

    private void follow(String name, Known known, CompletionStage<TopicId> outcome) {
        int life = world.lives();
        outcome.whenComplete(
                (id, failure) -> world.guarded(life, () -> told(name, known, id, failure)));
    }

    private void told(String name, Known known, @Nullable TopicId id, @Nullable Throwable failure) {
        if (failure == null) {
            world.trace("topic command done", known.deletes ? 1 : 0, 0, name);
            known.id = known.deletes ? null : id;
            known.retention = retentionAfter(known);
            known.open = false;
        } else {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            Reason reason =
                    cause instanceof RefusedException refused ? refused.refusal().reason() : null;
            world.trace("topic command refused", known.deletes ? 1 : 0, 0, name + " " + reason);
            if (reason != Reason.METADATA_UNAVAILABLE && !world.stopping()) {
                throw new Violation("topic " + name + ": " + failure);
            }
        }
    }

    private static String retentionAfter(Known known) {
        String next = known.nextRetention;
        return next != null ? next : known.deletes ? "604800000" : known.retention;
    }

    /** The broker started: it must know what was answered, and may know what was not. */
    void started(BrokerTopics topics) {
        byName.forEach((name, known) -> started(name, known, topics));
        for (BrokerTopic topic : topics.all()) {
            if (!byName.containsKey(topic.name())) {
                throw new Violation("nobody created topic " + topic.name());
            }
        }
    }

    private static void started(String name, Known known, BrokerTopics topics) {
        BrokerTopic topic = topics.find(TenantId.DEFAULT, name);
        TopicId found = topic == null ? null : topic.id();
        boolean as = Objects.equals(found, known.id);
        boolean created = known.open && known.id == null && found != null;
        boolean deleted = known.open && known.deletes && found == null;
        if (!as && !created && !deleted) {
            throw new Violation("topic " + name + " is " + found + ", not " + known.id);
        }
        String retention = topic == null ? "604800000" : topic.config(RETENTION);
        boolean changed = known.open && retention.equals(known.nextRetention);
        if (found != null && !changed && as && !retention.equals(known.retention)) {
            throw new Violation(
                    "topic %s has %s %s, not %s"
                            .formatted(name, RETENTION, retention, known.retention));
        }
        known.id = found;
        known.retention = retention;
        known.open = false;
    }
}
