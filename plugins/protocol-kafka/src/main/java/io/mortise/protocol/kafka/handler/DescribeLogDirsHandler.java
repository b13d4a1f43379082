// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.TenantId;
import io.mortise.spi.broker.Broker.LogDirectory;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The log directories of every storage engine, with the sizes of the partitions in them (KIP-113).
 * One out of service says so by its error and shows no partitions.
 */
public final class DescribeLogDirsHandler implements RequestHandler<DescribeLogDirsRequestData> {
    private static final Logger LOG = LoggerFactory.getLogger(DescribeLogDirsHandler.class);

    private final Services services;

    public DescribeLogDirsHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<DescribeLogDirsRequestData> request) {
        if (!Access.cluster(request.connection().identity(), Operation.DESCRIBE)) {
            request.respond(failed(Errors.CLUSTER_AUTHORIZATION_FAILED));
            return;
        }
        TenantId tenant = Services.tenant(request.connection());
        Map<String, Set<Integer>> asked = asked(request.message());
        services.scheduler().execute(() -> request.respond(answer(tenant, asked)));
    }

    /** Below version 3 there is no such field: clients take no directory at all for the refusal. */
    private static DescribeLogDirsResponseData failed(Errors error) {
        return new DescribeLogDirsResponseData().setErrorCode(error.code());
    }

    /** Partitions by topic; null for all there are. */
    private static @Nullable Map<String, Set<Integer>> asked(DescribeLogDirsRequestData message) {
        if (message.topics() == null) {
            return null;
        }
        Map<String, Set<Integer>> asked = new HashMap<>();
        for (DescribableLogDirTopic topic : message.topics()) {
            asked.put(topic.topic(), Set.copyOf(topic.partitions()));
        }
        return asked;
    }

    private DescribeLogDirsResponseData answer(
            TenantId tenant, @Nullable Map<String, Set<Integer>> asked) {
        try {
            var response = new DescribeLogDirsResponseData();
            List<Topic> topics = topics(tenant, asked);
            for (LogDirectory directory : services.broker().logDirectories()) {
                response.results().add(describe(directory, topics, asked));
            }
            return response;
        } catch (RuntimeException e) {
            LOG.error("log directories cannot be described", e);
            return failed(Errors.UNKNOWN_SERVER_ERROR);
        }
    }

    private List<Topic> topics(TenantId tenant, @Nullable Map<String, Set<Integer>> asked) {
        List<Topic> topics = new ArrayList<>();
        for (Topic topic : services.topics().all(tenant)) {
            if (Services.visible(topic) && (asked == null || asked.containsKey(topic.name()))) {
                topics.add(topic);
            }
        }
        topics.sort(Comparator.comparing(Topic::name));
        return topics;
    }

    private static DescribeLogDirsResult describe(
            LogDirectory directory, List<Topic> topics, @Nullable Map<String, Set<Integer>> asked) {
        DescribeLogDirsResult result =
                new DescribeLogDirsResult()
                        .setLogDir(directory.path())
                        .setTotalBytes(directory.totalBytes())
                        .setUsableBytes(directory.usableBytes());
        if (directory.offline() != null) {
            return result.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
        }
        for (Topic topic : topics) {
            add(topic, asked == null ? null : asked.get(topic.name()), directory, result);
        }
        return result;
    }

    private static void add(
            Topic topic,
            @Nullable Set<Integer> indexes,
            LogDirectory directory,
            DescribeLogDirsResult result) {
        DescribeLogDirsTopic described = new DescribeLogDirsTopic().setName(topic.name());
        for (int i = 0; i < topic.partitionCount(); i++) {
            Partition partition = topic.partition(i);
            if (partition != null
                    && (indexes == null || indexes.contains(i))
                    && directory.logs().contains(partition.logId())) {
                described
                        .partitions()
                        .add(
                                new DescribeLogDirsPartition()
                                        .setPartitionIndex(i)
                                        .setPartitionSize(size(partition, directory)));
            }
        }
        if (!described.partitions().isEmpty()) {
            result.topics().add(described);
        }
    }

    /** A topic that changed its engine has logs in more than one directory. */
    private static long size(Partition partition, LogDirectory directory) {
        long size = 0;
        boolean several = false;
        for (Partition.Generation generation : partition.generations()) {
            boolean here = generation.engine().equals(directory.engine());
            size += here ? generation.sizeInBytes() : 0;
            several |= !here;
        }
        return several ? size : partition.sizeInBytes();
    }
}
