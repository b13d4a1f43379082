// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.routing.TopicNames;
import io.mortise.spi.Registration;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.AddressFilter;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Which partitions one loop reads: those of every topic that a filter's first level may mean, and
 * those of the catch-all. A topic that appears later is read from its beginning. Used on that loop.
 */
public final class Feeds implements Topics.TopicListener {
    private static final long RETRY_NANOS = 50_000_000L;

    private final DeliveryLoop owner;
    private final Topics topics;
    private final Map<String, Integer> literal = new HashMap<>();
    private final Map<TopicId, TopicFeeds> byTopic = new HashMap<>();
    private @Nullable Registration changes;
    private int wildcards;
    private int filters;

    /** The feeds of one topic; null where its partition is not led. */
    private static final class TopicFeeds {
        final Topic topic;
        final boolean fromStart;
        @Nullable Feed[] feeds = {};

        /** Which were looked for in vain. */
        boolean[] absent = {};

        TopicFeeds(Topic topic, boolean fromStart) {
            this.topic = topic;
            this.fromStart = fromStart;
        }
    }

    Feeds(DeliveryLoop owner, Topics topics) {
        this.owner = owner;
        this.topics = topics;
    }

    /** The level of a filter that says which topics may hold what it matches. */
    static String firstLevel(AddressFilter filter) {
        String text = filter.text();
        int slash = text.indexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
    }

    private static boolean wildcard(String level) {
        return level.equals("+") || level.equals("#");
    }

    /** Whether records of {@code topic} may match {@code filter}. */
    public static boolean mayHold(Topic topic, AddressFilter filter) {
        String first = firstLevel(filter);
        if (topic.internal() || first.startsWith("$")) {
            return false;
        }
        return wildcard(first)
                || first.equals(topic.name())
                || topic.name().equals(TopicNames.CATCH_ALL);
    }

    void add(AddressFilter filter) {
        String first = firstLevel(filter);
        if (first.startsWith("$")) {
            return;
        }
        filters++;
        if (wildcard(first)) {
            wildcards++;
        } else {
            literal.merge(first, 1, Integer::sum);
        }
        open(first);
        if (changes == null) {
            changes = topics.onChange(owner.turn().loop(), this);
        }
    }

    private void open(String first) {
        if (wildcard(first)) {
            for (Topic topic : topics.all(owner.tenant())) {
                ensure(topic, false);
            }
            return;
        }
        ensureNamed(first);
        ensureNamed(TopicNames.CATCH_ALL);
    }

    private void ensureNamed(String name) {
        Topic topic = topics.find(owner.tenant(), name);
        if (topic != null) {
            ensure(topic, false);
        }
    }

    void remove(AddressFilter filter) {
        String first = firstLevel(filter);
        if (first.startsWith("$")) {
            return;
        }
        filters--;
        if (wildcard(first)) {
            wildcards--;
            if (wildcards == 0) {
                closeUnwanted();
            }
        } else {
            literal.computeIfPresent(first, (name, count) -> count == 1 ? null : count - 1);
            if (wildcards == 0 && !literal.containsKey(first)) {
                closeUnwanted(first);
            }
        }
        if (filters == 0) {
            closeUnwanted();
            closeChanges();
        }
    }

    private void closeUnwanted(String name) {
        Topic topic = topics.find(owner.tenant(), name);
        TopicFeeds of = topic == null ? null : byTopic.get(topic.id());
        if (of != null && !wanted(of.topic)) {
            close(of);
            byTopic.remove(of.topic.id());
        }
    }

    private void closeUnwanted() {
        Iterator<TopicFeeds> each = byTopic.values().iterator();
        while (each.hasNext()) {
            TopicFeeds of = each.next();
            if (!wanted(of.topic)) {
                close(of);
                each.remove();
            }
        }
    }

    private void closeChanges() {
        if (changes != null) {
            changes.close();
            changes = null;
        }
    }

    private static void close(TopicFeeds of) {
        for (Feed feed : of.feeds) {
            if (feed != null) {
                feed.close();
            }
        }
    }

    private boolean wanted(Topic topic) {
        if (topic.internal() || !topic.tenant().equals(owner.tenant())) {
            return false;
        }
        return topic.name().equals(TopicNames.CATCH_ALL)
                ? filters > 0
                : wildcards > 0 || literal.containsKey(topic.name());
    }

    private void ensure(Topic topic, boolean fromStart) {
        if (!wanted(topic)) {
            return;
        }
        TopicFeeds of = byTopic.get(topic.id());
        if (of == null) {
            of = new TopicFeeds(topic, fromStart);
            byTopic.put(topic.id(), of);
        }
        fill(of, fromStart);
    }

    private void fill(TopicFeeds of, boolean late) {
        int before = of.feeds.length;
        int count = Math.max(before, of.topic.partitionCount());
        if (count > before) {
            of.feeds = Arrays.copyOf(of.feeds, count);
            of.absent = Arrays.copyOf(of.absent, count);
        }
        boolean whole = true;
        for (int i = 0; i < count; i++) {
            if (of.feeds[i] == null) {
                whole &= fill(of, i, of.fromStart || before > 0 && i >= before, late);
            }
        }
        if (!whole) {
            retryLater(of);
        }
    }

    private boolean fill(TopicFeeds of, int index, boolean fromStart, boolean late) {
        Feed feed = open(of, index, fromStart);
        boolean waitedFor = late || of.absent[index];
        of.feeds[index] = feed;
        of.absent[index] = feed == null;
        if (feed != null && waitedFor) {
            owner.opened(feed);
        }
        return feed != null;
    }

    private void retryLater(TopicFeeds of) {
        owner.services()
                .scheduler()
                .schedule(() -> owner.turn().execute(() -> retry(of)), RETRY_NANOS);
    }

    private void retry(TopicFeeds of) {
        if (of.equals(byTopic.get(of.topic.id()))) {
            fill(of, true);
        }
    }

    private @Nullable Feed open(TopicFeeds of, int index, boolean fromStart) {
        Topic topic = of.topic;
        Partition partition = topic.partition(index);
        if (partition == null) {
            return null;
        }
        return new Feed(
                owner,
                topic,
                partition,
                topic.name().getBytes(UTF_8),
                topic.name().equals(TopicNames.CATCH_ALL),
                from(partition, fromStart, of.absent[index]));
    }

    private static long from(Partition partition, boolean fromStart, boolean wasAbsent) {
        if (fromStart) {
            return partition.logStartOffset();
        }
        return wasAbsent ? leadershipStart(partition) : partition.logEndOffset();
    }

    /**
     * Where a partition ended when it had no leader: nothing is published to it until it is led.
     */
    public static long leadershipStart(Partition partition) {
        long end = partition.endOffsetOf(partition.leaderEpoch() - 1).endOffset();
        return end < 0 ? partition.logStartOffset() : end;
    }

    @Override
    public void changed(Topic topic) {
        ensure(topic, true);
    }

    @Override
    public void deleted(Topic topic) {
        TopicFeeds of = byTopic.remove(topic.id());
        if (of != null) {
            close(of);
        }
    }

    /** Sees partitions that have no leader. */
    @FunctionalInterface
    public interface Absent {
        void partition(Topic topic, PartitionKey key);
    }

    /** Shows the partitions without leader of topics that may hold what {@code filter} matches. */
    public void absent(AddressFilter filter, Absent visitor) {
        for (TopicFeeds of : byTopic.values()) {
            if (mayHold(of.topic, filter)) {
                for (int i = 0; i < of.feeds.length; i++) {
                    if (of.feeds[i] == null) {
                        visitor.partition(of.topic, new PartitionKey(of.topic.id(), i));
                    }
                }
            }
        }
    }

    /** Adds the open feeds of topics that may hold what {@code filter} matches. */
    public void addMatching(AddressFilter filter, Collection<Feed> found) {
        String first = firstLevel(filter);
        if (wildcard(first)) {
            byTopic.values().forEach(of -> addAll(of, found));
        } else if (!first.startsWith("$")) {
            addNamed(first, found);
            addNamed(TopicNames.CATCH_ALL, found);
        }
    }

    private void addNamed(String name, Collection<Feed> found) {
        Topic topic = topics.find(owner.tenant(), name);
        TopicFeeds of = topic == null ? null : byTopic.get(topic.id());
        if (of != null) {
            addAll(of, found);
        }
    }

    private static void addAll(TopicFeeds of, Collection<Feed> found) {
        for (Feed feed : of.feeds) {
            if (feed != null) {
                found.add(feed);
            }
        }
    }
}
