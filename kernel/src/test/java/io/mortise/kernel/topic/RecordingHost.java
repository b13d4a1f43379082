// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.topic;

import io.mortise.kernel.metadata.PartitionEntry;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Writes down what it is told, in words. */
final class RecordingHost implements PartitionHost {
    final List<String> told = Collections.synchronizedList(new ArrayList<>());
    volatile CompletableFuture<Void> opening = CompletableFuture.completedFuture(null);

    @Override
    public CompletionStage<Void> open(BrokerTopic topic, PartitionEntry partition) {
        told.add(
                "open "
                        + topic.name()
                        + "-"
                        + partition.partition()
                        + " epoch "
                        + partition.leaderEpoch());
        return opening;
    }

    @Override
    public void assigned(BrokerTopic topic, PartitionEntry partition) {
        told.add(
                "assigned "
                        + topic.name()
                        + "-"
                        + partition.partition()
                        + " epoch "
                        + partition.leaderEpoch());
    }

    @Override
    public void reconfigured(BrokerTopic topic) {
        told.add("reconfigured " + topic.name() + " " + topic.settings().retentionMillis());
    }

    @Override
    public void close(BrokerTopic topic, PartitionEntry partition) {
        told.add("close " + topic.name() + "-" + partition.partition());
    }

    @Override
    public void delete(BrokerTopic topic, PartitionEntry partition) {
        told.add("delete " + topic.name() + "-" + partition.partition());
    }
}
