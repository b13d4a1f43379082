// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.image.TopicImage;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.Consumer;

/**
 * Tells the coordinator which topics there are, in the form of the KRaft image it understands. Any
 * thread.
 */
final class CoordinatorMetadata {
    private final GroupCoordinator coordinator;
    private final int nodeId;
    private MetadataImage image = MetadataImage.EMPTY;
    private long version;

    CoordinatorMetadata(GroupCoordinator coordinator, int nodeId) {
        this.coordinator = coordinator;
        this.nodeId = nodeId;
    }

    /** The topic exists with so many partitions: new, grown, or known already. */
    synchronized void put(Uuid topicId, String name, int partitions) {
        @Nullable TopicImage known = image.topics().getTopic(topicId);
        int from = known == null ? 0 : known.partitions().size();
        if (known != null && from == partitions) {
            return;
        }
        change(
                delta -> {
                    if (known == null) {
                        delta.replay(new TopicRecord().setName(name).setTopicId(topicId));
                    }
                    for (int partition = from; partition < partitions; partition++) {
                        delta.replay(partition(topicId, partition));
                    }
                });
    }

    /** The topic is gone; its committed offsets go too. */
    synchronized void remove(Uuid topicId) {
        if (image.topics().getTopic(topicId) != null) {
            change(delta -> delta.replay(new RemoveTopicRecord().setTopicId(topicId)));
        }
    }

    /**
     * Hands over the image even when there is no topic: the coordinator answers nothing before its
     * first.
     */
    synchronized void publish() {
        change(delta -> {});
    }

    private void change(Consumer<MetadataDelta> change) {
        MetadataDelta delta = new MetadataDelta.Builder().setImage(image).build();
        change.accept(delta);
        image = delta.apply(new MetadataProvenance(++version, 0, 0, true));
        coordinator.onMetadataUpdate(delta, image);
    }

    private PartitionRecord partition(Uuid topicId, int partition) {
        return new PartitionRecord()
                .setTopicId(topicId)
                .setPartitionId(partition)
                .setReplicas(List.of(nodeId))
                .setIsr(List.of(nodeId))
                .setLeader(nodeId);
    }
}
