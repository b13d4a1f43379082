// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.spi.Registration;
import io.mortise.spi.broker.Topics.TopicListener;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Tells listeners in order: under one lock, which also guards what they are told first, so that
 * none hears of a topic twice as new or misses one.
 */
final class TopicListeners {
    private static final Logger LOG = LoggerFactory.getLogger(TopicListeners.class);

    private record Registered(Executor executor, TopicListener listener) {}

    private final List<Registered> registered = new ArrayList<>();

    synchronized Registration add(
            Executor executor, TopicListener listener, Collection<BrokerTopic> present) {
        Registered added = new Registered(executor, listener);
        present.forEach(topic -> tell(added, it -> it.changed(topic)));
        registered.add(added);
        return () -> remove(added);
    }

    private synchronized void remove(Registered removed) {
        registered.remove(removed);
    }

    synchronized void add(BrokerTopic topic, Runnable publish) {
        publish.run();
        changed(topic);
    }

    synchronized void remove(BrokerTopic topic, Runnable withdraw) {
        withdraw.run();
        registered.forEach(one -> tell(one, it -> it.deleted(topic)));
    }

    synchronized void changed(BrokerTopic topic, BooleanSupplier stillThere) {
        if (stillThere.getAsBoolean()) {
            changed(topic);
        }
    }

    synchronized void changed(BrokerTopic topic) {
        registered.forEach(one -> tell(one, it -> it.changed(topic)));
    }

    private static void tell(Registered one, Consumer<TopicListener> event) {
        try {
            one.executor.execute(() -> event.accept(one.listener));
        } catch (RejectedExecutionException e) {
            LOG.debug("A listener of topics is not told: its executor has ended.", e);
        }
    }
}
