// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.metadata.PartitionEntry;
import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.kernel.topic.EngineCatalog;
import io.mortise.kernel.topic.PartitionHost;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Joins the topics, as the metadata has them, to the logs of this node. A topic shows a partition
 * while it leads.
 */
public final class TopicLogs implements PartitionHost, EngineCatalog, LeadershipListener {
    private static final Logger LOG = LoggerFactory.getLogger(TopicLogs.class);

    private final LogHost logs;

    /**
     * @param logs makes the host that tells the given listener
     */
    public TopicLogs(Function<LeadershipListener, LogHost> logs) {
        this.logs = logs.apply(this);
    }

    /** The logs themselves. */
    public LogHost logs() {
        return logs;
    }

    @Override
    public Map<String, Set<Durability>> engines() {
        return logs.engines();
    }

    @Override
    public CompletionStage<Void> open(BrokerTopic topic, PartitionEntry partition) {
        LogId id = id(topic, partition);
        return logs.open(id, topic, partition.leaderEpoch()).thenAccept(_ -> {});
    }

    private static LogId id(BrokerTopic topic, PartitionEntry partition) {
        return new LogId(topic.tenant(), topic.id(), partition.partition(), partition.shard());
    }

    /** A single node is its own successor: epochs grow with the log, not with the metadata. */
    @Override
    public void assigned(BrokerTopic topic, PartitionEntry partition) {
        LOG.debug("{}-{} is now {}", topic, partition.partition(), partition);
    }

    @Override
    public void reconfigured(BrokerTopic topic) {
        for (int i = 0; i < topic.partitionCount(); i++) {
            report(logs.reconfigure(topic.logId(i)));
        }
    }

    @Override
    public void close(BrokerTopic topic, PartitionEntry partition) {
        report(logs.close(id(topic, partition)));
    }

    @Override
    public void delete(BrokerTopic topic, PartitionEntry partition) {
        report(logs.delete(id(topic, partition)));
    }

    private static void report(CompletionStage<Void> change) {
        change.exceptionally(
                e -> {
                    LOG.error("A log did not follow its topic", e);
                    return null;
                });
    }

    @Override
    public void won(Partition partition) {
        if (partition.topic() instanceof BrokerTopic topic) {
            topic.lead(partition.index(), partition);
        }
    }

    @Override
    public void lost(Partition partition, Refusal why) {
        if (partition.topic() instanceof BrokerTopic topic) {
            topic.unlead(partition.index());
        }
    }
}
