// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import com.yammer.metrics.core.MetricsRegistry;

import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.internals.Plugin;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorRuntimeMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.share.persister.NoOpStatePersister;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * Consumer groups, classic and of KIP-848, by Apache Kafka's own coordinator. Any thread; futures
 * complete on the coordinator's threads. Errors are in the answers, as Kafka spells them.
 */
public final class Groups implements AutoCloseable {
    private final GroupCoordinatorService service;
    private final LogPartitionWriter writer;
    private final CoordinatorMetadata metadata;
    private final SystemTimerReaper timer;
    private final MetricsRegistry yammer = new MetricsRegistry();
    private final Metrics metrics = new Metrics();

    /**
     * Starts threads: the caller's context class loader must be the plugin's.
     *
     * @param log borrowed until {@link #close}
     */
    public Groups(CoordinatorLog log, GroupSettings settings, Scheduler scheduler, Clock clock) {
        // KafkaYammerMetrics adds a hook when its class is loaded, which would hold this plugin's
        // loader for ever.
        Exit.setShutdownHookAdder((name, hook) -> {});
        AbstractConfig config = config(settings);
        GroupCoordinatorConfig groupConfig = new GroupCoordinatorConfig(config);
        ShareGroupConfig shareConfig = new ShareGroupConfig(config);
        Time time = new ClockTime(clock);
        writer = new LogPartitionWriter(log);
        timer = new SystemTimerReaper("kafka-group-timer", new SystemTimer("kafka-group-timer"));
        service =
                new GroupCoordinatorService.Builder(settings.nodeId(), groupConfig)
                        .withWriter(writer)
                        .withLoader(new LogCoordinatorLoader(log, scheduler, clock))
                        .withTime(time)
                        .withTimer(timer)
                        .withCoordinatorRuntimeMetrics(new GroupCoordinatorRuntimeMetrics(metrics))
                        .withGroupCoordinatorMetrics(new GroupCoordinatorMetrics(yammer, metrics))
                        .withGroupConfigManager(
                                new GroupConfigManager(
                                        groupConfig.extractGroupConfigMap(shareConfig),
                                        groupConfig,
                                        shareConfig))
                        .withPersister(new NoOpStatePersister())
                        .withAuthorizerPlugin(
                                Optional.of(
                                        Plugin.wrapInstance(
                                                new TopicRights(), metrics, "authorizer")))
                        .withPartitionMetadataClient(new NoPartitionMetadata())
                        .build();
        metadata = new CoordinatorMetadata(service, settings.nodeId());
        service.startup(log::partitions);
        metadata.publish();
    }

    private static AbstractConfig config(GroupSettings settings) {
        Map<String, Object> values = new HashMap<>(settings.kafka());
        values.putIfAbsent(GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_THREADS_CONFIG, 2);
        values.putIfAbsent(
                GroupCoordinatorConfig.GROUP_COORDINATOR_NUM_BACKGROUND_THREADS_CONFIG, 1);
        return new AbstractConfig(
                Utils.mergeConfigs(
                        List.of(GroupCoordinatorConfig.CONFIG_DEF, ShareGroupConfig.CONFIG_DEF)),
                values,
                false);
    }

    /** This node leads the partition from now on: load it and serve its groups. */
    public void onElection(int partition, int leaderEpoch) {
        writer.lead(partition, leaderEpoch);
        service.onElection(partition, leaderEpoch);
    }

    /** This node leads the partition no more, or leads it anew: what was loaded is forgotten. */
    public void onResignation(int partition) {
        writer.resign(partition);
        service.onResignation(partition, OptionalInt.empty());
    }

    /** A topic was created, grew, or is there at the start. */
    public void topicPresent(Uuid topicId, String name, int partitions) {
        metadata.put(topicId, name, partitions);
    }

    /** A topic was deleted. */
    public void topicGone(Uuid topicId) {
        metadata.remove(topicId);
    }

    /** The partition that holds a group. */
    public int partitionFor(String groupId) {
        return service.partitionFor(groupId);
    }

    /** KIP-848. */
    public CompletableFuture<ConsumerGroupHeartbeatResponseData> consumerGroupHeartbeat(
            GroupClient client, ConsumerGroupHeartbeatRequestData request) {
        return service.consumerGroupHeartbeat(client, request);
    }

    /** Classic protocol. */
    public CompletableFuture<JoinGroupResponseData> joinGroup(
            GroupClient client, JoinGroupRequestData request) {
        return service.joinGroup(client, request, BufferSupplier.NO_CACHING);
    }

    /** Classic protocol. */
    public CompletableFuture<SyncGroupResponseData> syncGroup(
            GroupClient client, SyncGroupRequestData request) {
        return service.syncGroup(client, request, BufferSupplier.NO_CACHING);
    }

    /** Classic protocol. */
    public CompletableFuture<HeartbeatResponseData> heartbeat(
            GroupClient client, HeartbeatRequestData request) {
        return service.heartbeat(client, request);
    }

    /** Classic protocol. */
    public CompletableFuture<LeaveGroupResponseData> leaveGroup(
            GroupClient client, LeaveGroupRequestData request) {
        return service.leaveGroup(client, request);
    }

    /** Groups of every partition. */
    public CompletableFuture<ListGroupsResponseData> listGroups(
            GroupClient client, ListGroupsRequestData request) {
        return service.listGroups(client, request);
    }

    /** Classic groups. */
    public CompletableFuture<List<DescribeGroupsResponseData.DescribedGroup>> describeGroups(
            GroupClient client, List<String> groupIds) {
        return service.describeGroups(client, groupIds);
    }

    /** KIP-848 groups. */
    public CompletableFuture<List<ConsumerGroupDescribeResponseData.DescribedGroup>>
            consumerGroupDescribe(GroupClient client, List<String> groupIds) {
        return service.consumerGroupDescribe(client, groupIds);
    }

    /** Deletes empty groups. */
    public CompletableFuture<DeleteGroupsResponseData.DeletableGroupResultCollection> deleteGroups(
            GroupClient client, List<String> groupIds) {
        return service.deleteGroups(client, groupIds, BufferSupplier.NO_CACHING);
    }

    /** Offsets of the topics named, or of all when none is named. */
    public CompletableFuture<OffsetFetchResponseData.OffsetFetchResponseGroup> fetchOffsets(
            GroupClient client,
            OffsetFetchRequestData.OffsetFetchRequestGroup request,
            boolean requireStable) {
        return service.fetchOffsets(client, request, requireStable);
    }

    /** Answered when the commit is durable. */
    public CompletableFuture<OffsetCommitResponseData> commitOffsets(
            GroupClient client, OffsetCommitRequestData request) {
        return service.commitOffsets(client, request, BufferSupplier.NO_CACHING);
    }

    /** Deletes offsets of topics that the group does not subscribe to. */
    public CompletableFuture<OffsetDeleteResponseData> deleteOffsets(
            GroupClient client, OffsetDeleteRequestData request) {
        return service.deleteOffsets(client, request, BufferSupplier.NO_CACHING);
    }

    @Override
    public void close() {
        service.shutdown();
        Utils.closeQuietly(timer, "group timer");
        metrics.close();
        yammer.shutdown();
    }
}
