// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.plugin.PluginContext;
import io.mortise.spi.runtime.Clock;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.requests.FetchMetadata;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The fetch sessions of a broker (KIP-227), at most so many, with at most so many partitions. When
 * they are full, one that was not used for two minutes gives way, else the smallest one older than
 * that, if it is not larger than the newcomer; else the client gets none and names its partitions
 * each time. A session is known to the connection that made it alone, and ends with it. Any thread.
 */
public final class FetchSessions {
    private static final long EVICTION_NANOS = TimeUnit.MINUTES.toNanos(2);

    /** About 150 bytes each, 450 where each topic has one. */
    private static final int PARTITIONS_PER_SLOT = 100;

    private static final long SEARCH_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int MAX_NAME_LENGTH = 249;

    /** A session and what is counted of it. {@code partitions} is guarded by the cache. */
    private static final class Entry {
        private final FetchSession session;
        private final GenericFutureListener<Future<Void>> onClose;
        private int partitions;

        Entry(FetchSession session, GenericFutureListener<Future<Void>> onClose) {
            this.session = session;
            this.onClose = onClose;
        }
    }

    private final Clock clock;
    private final RandomGenerator random;
    private final int slots;
    private final long maxPartitions;
    private final Metrics.Counter opened;
    private final Metrics.Counter evicted;
    private final Metrics.Counter refused;
    private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();
    private volatile long partitions;
    private long nextSearchNanos;

    /**
     * Empty.
     *
     * @param slots at most so many sessions; 0: none is ever granted
     */
    public FetchSessions(PluginContext context, int slots) {
        this.clock = context.clock();
        this.random = context.random();
        this.slots = slots;
        this.nextSearchNanos = clock.nanoTime();
        this.maxPartitions = (long) slots * PARTITIONS_PER_SLOT;
        Metrics metrics = context.metrics();
        this.opened =
                metrics.counter(
                        "mortise_kafka_fetch_sessions_opened_total", "fetch sessions granted");
        this.evicted =
                metrics.counter(
                        "mortise_kafka_fetch_sessions_evicted_total",
                        "fetch sessions that gave way to others");
        this.refused =
                metrics.counter(
                        "mortise_kafka_fetch_sessions_refused_total",
                        "fetch sessions not granted because there was no room");
        metrics.gauge("mortise_kafka_fetch_sessions", "open fetch sessions", entries::size);
        metrics.gauge(
                "mortise_kafka_fetch_session_partitions",
                "partitions of open fetch sessions",
                () -> partitions);
    }

    /** The connection's session of that id, or null. */
    @Nullable FetchSession find(KafkaConnection owner, int id) {
        Entry entry = entries.get(id);
        return entry == null || entry.session.owner() != owner ? null : entry.session;
    }

    /** A session with what a full fetch names, or null if it gets none. The connection's loop. */
    @Nullable FetchSession open(KafkaConnection owner, FetchRequestData asked, boolean byId) {
        int size = sizeOf(asked.topics());
        if (size == 0 || !namesAreShort(asked.topics())) {
            return null;
        }
        Entry entry = enter(owner, size, byId);
        if (entry == null) {
            refused.add(1);
            return null;
        }
        opened.add(1);
        entry.session.update(asked.topics(), List.of());
        resize(entry.session);
        owner.connection().channel().closeFuture().addListener(entry.onClose);
        return entry.session;
    }

    private static int sizeOf(List<FetchTopic> topics) {
        int size = 0;
        for (FetchTopic topic : topics) {
            size += topic.partitions().size();
        }
        return size;
    }

    /** A session keeps names; no topic's is longer. */
    private static boolean namesAreShort(List<FetchTopic> topics) {
        for (FetchTopic topic : topics) {
            if (topic.topic().length() > MAX_NAME_LENGTH) {
                return false;
            }
        }
        return true;
    }

    private synchronized @Nullable Entry enter(KafkaConnection owner, int size, boolean byId) {
        if (!makeRoom(size)) {
            return null;
        }
        FetchSession session = new FetchSession(newId(), owner, byId, clock.nanoTime());
        Entry entry = new Entry(session, closed -> close(session));
        entry.partitions = size;
        partitions += size;
        entries.put(session.id(), entry);
        return entry;
    }

    private int newId() {
        int id = FetchMetadata.INVALID_SESSION_ID;
        while (id == FetchMetadata.INVALID_SESSION_ID || entries.containsKey(id)) {
            id = random.nextInt(1, Integer.MAX_VALUE);
        }
        return id;
    }

    /**
     * The next request of a session: its epoch counts and its changes hold from now on. The
     * connection's loop.
     *
     * @return false if the session has outgrown its bounds and is gone
     */
    boolean advance(FetchSession session, FetchRequestData asked) {
        session.advance(clock.nanoTime());
        if (!asked.topics().isEmpty() || !asked.forgottenTopicsData().isEmpty()) {
            int before = session.size();
            if (!namesAreShort(asked.topics())) {
                close(session);
                return false;
            }
            session.update(asked.topics(), asked.forgottenTopicsData());
            return session.size() == before || resize(session);
        }
        return true;
    }

    private synchronized boolean resize(FetchSession session) {
        Entry entry = entries.get(session.id());
        if (entry == null || entry.session != session) {
            return true; // evicted meanwhile: this fetch is answered, the next is not
        }
        partitions += session.size() - entry.partitions;
        entry.partitions = session.size();
        while (partitions > maxPartitions) {
            if (!evict(leastRecentlyUsed())) {
                evict(entry);
                return false;
            }
        }
        return true;
    }

    /** Forgets a session. */
    void close(FetchSession session) {
        Entry entry = entries.get(session.id());
        if (entry != null && entry.session == session) {
            remove(entry);
        }
    }

    private synchronized void remove(Entry entry) {
        if (entries.remove(entry.session.id(), entry)) {
            partitions -= entry.partitions;
            entry.session
                    .owner()
                    .connection()
                    .channel()
                    .closeFuture()
                    .removeListener(entry.onClose);
        }
    }

    /** Where no session can give way, the next client asks in vain for a while, cheaply. */
    private boolean makeRoom(int size) {
        if (partitions + size <= maxPartitions && entries.size() < slots) {
            return true;
        }
        long now = clock.nanoTime();
        if (now - nextSearchNanos < 0) {
            return false;
        }
        boolean room = evictFor(size);
        if (!room) {
            nextSearchNanos = now + SEARCH_PAUSE_NANOS;
        }
        return room;
    }

    private boolean evictFor(int size) {
        while (partitions + size > maxPartitions) {
            if (!evict(leastRecentlyUsed())) {
                return false;
            }
        }
        return entries.size() < slots || evict(leastRecentlyUsed()) || evict(smallestOfAge(size));
    }

    private boolean evict(@Nullable Entry entry) {
        if (entry == null) {
            return false;
        }
        remove(entry);
        evicted.add(1);
        return true;
    }

    private @Nullable Entry leastRecentlyUsed() {
        long now = clock.nanoTime();
        long longest = EVICTION_NANOS;
        Entry found = null;
        for (Entry entry : entries.values()) {
            long idle = now - entry.session.lastUsedNanos();
            if (idle > longest) {
                longest = idle;
                found = entry;
            }
        }
        return found;
    }

    private @Nullable Entry smallestOfAge(int size) {
        long now = clock.nanoTime();
        int smallest = size;
        Entry found = null;
        for (Entry entry : entries.values()) {
            if (entry.partitions <= smallest
                    && now - entry.session.createdNanos() > EVICTION_NANOS) {
                smallest = entry.partitions - 1;
                found = entry;
            }
        }
        return found;
    }
}
