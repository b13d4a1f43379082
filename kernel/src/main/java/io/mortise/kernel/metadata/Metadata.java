// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.kernel.metadata.MetadataRecord.ClusterNamed;
import io.mortise.kernel.metadata.MetadataRecord.PartitionPut;
import io.mortise.kernel.metadata.MetadataRecord.ProducerIdsTaken;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.Broker.ProducerIdBlock;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * This node's view of the metadata and the way to change it.
 *
 * <p>A command is a {@link Decision}: a pure function from image to records. An entry names the
 * version that it was decided against, and every node applies it only if its image still has that
 * version, so two nodes may propose at once: one of them decides again. Reads never wait for any of
 * this.
 */
public final class Metadata implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Metadata.class);
    private static final int PRODUCER_ID_BLOCK = 1_000;

    /**
     * Decides what a command changes. Pure: may be called several times, against different images.
     */
    @FunctionalInterface
    public interface Decision<T> {
        /**
         * @throws RefusedException nothing is changed and the command fails with it
         */
        Change<T> decide(MetadataImage image);
    }

    /**
     * What a command does.
     *
     * @param records empty: nothing is to be done
     * @param result what the command completes with
     */
    public record Change<T>(List<MetadataRecord> records, T result) {
        public Change {
            records = List.copyOf(records);
        }
    }

    /** Hears of what was committed, on the metadata thread, one call at a time; must not block. */
    @FunctionalInterface
    public interface Listener {
        void changed(MetadataImage before, MetadataImage after, List<MetadataRecord> records);
    }

    private final MetadataLog log;
    private final ReentrantLock applying = new ReentrantLock();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final CommandQueue commands;
    private volatile MetadataImage image = MetadataImage.EMPTY;
    private volatile @Nullable String broken;

    private Metadata(MetadataLog log, Scheduler scheduler, RandomGenerator random) {
        this.log = log;
        String proposer = Long.toHexString(random.nextLong());
        this.commands = new CommandQueue(log, scheduler, this::image, proposer);
    }

    /**
     * Restores the image from {@code log}; may block.
     *
     * @param log closed with this
     */
    public static Metadata open(MetadataLog log, Scheduler scheduler, RandomGenerator random)
            throws IOException {
        Metadata metadata = new Metadata(log, scheduler, random);
        log.start(metadata.new Machine());
        String fault = metadata.broken;
        if (fault != null) {
            log.close();
            throw new MetadataFormatException(fault);
        }
        return metadata;
    }

    /** The image as of now. Any thread, without waiting. */
    public MetadataImage image() {
        return image;
    }

    /**
     * Runs a command. Any thread; returns at once.
     *
     * @return completes on the metadata thread, after the change was applied here and listeners
     *     were told; fails with a {@link RefusedException}, METADATA_UNAVAILABLE meaning that it is
     *     unknown whether the change will happen
     */
    public <T> CompletionStage<T> change(Decision<T> decision) {
        String fault = broken;
        return fault == null
                ? commands.submit(decision)
                : CommandQueue.refused(
                        Reason.METADATA_UNAVAILABLE, "metadata cannot be applied here: " + fault);
    }

    /** Names the cluster if it has no name yet; completes with the name that it has. */
    public CompletionStage<String> nameCluster(String clusterId) {
        return change(
                now ->
                        now.clusterId().isEmpty()
                                ? new Change<>(List.of(new ClusterNamed(clusterId)), clusterId)
                                : new Change<>(List.of(), now.clusterId()));
    }

    /** Producer ids that no one else will ever get. */
    public CompletionStage<ProducerIdBlock> allocateProducerIds() {
        return change(
                now -> {
                    long first = now.nextProducerId();
                    return new Change<>(
                            List.of(new ProducerIdsTaken(first + PRODUCER_ID_BLOCK)),
                            new ProducerIdBlock(first, PRODUCER_ID_BLOCK));
                });
    }

    /** Begins a new leadership of a partition under the next epoch; completes with that epoch. */
    public CompletionStage<Integer> nextLeaderEpoch(TopicId topicId, int partition) {
        return change(
                now -> {
                    TopicEntry topic = now.topic(topicId);
                    if (topic == null || partition >= topic.partitions().size()) {
                        throw new RefusedException(
                                Reason.UNKNOWN_TOPIC,
                                "no partition " + partition + " of topic id " + topicId);
                    }
                    PartitionEntry old = topic.partitions().get(partition);
                    PartitionEntry next =
                            new PartitionEntry(
                                    partition,
                                    old.leader(),
                                    old.server(),
                                    old.shard(),
                                    old.leaderEpoch() + 1);
                    PartitionPut put = ImageRecords.put(topic, next);
                    return new Change<>(List.of(put), next.leaderEpoch());
                });
    }

    /** Tells {@code listener} the records that make the present image, then all that follow. */
    public Registration onChange(Listener listener) {
        applying.lock();
        try {
            MetadataImage now = image;
            tell(
                    listener,
                    MetadataImage.EMPTY,
                    now,
                    ImageRecords.between(MetadataImage.EMPTY, now));
            listeners.add(listener);
        } finally {
            applying.unlock();
        }
        return () -> listeners.remove(listener);
    }

    /** Shows how the metadata is; until {@code metrics} are closed. */
    public void meter(Metrics metrics) {
        metrics.gauge("mortise_metadata_version", "Entries applied", () -> image.version());
        metrics.gauge("mortise_metadata_topics", "Topics", () -> image.topics().size());
        metrics.gauge(
                "mortise_metadata_waiting_commands",
                "Commands that are not decided yet",
                commands::waiting);
        metrics.gauge(
                "mortise_metadata_available",
                "1: the last change went through; 0: changes are refused",
                () -> commands.available() ? 1 : 0);
    }

    /** Writes a snapshot now; may block. */
    public void snapshot() throws IOException {
        log.snapshot();
    }

    /** The present image as a snapshot: what a new group of nodes begins with. */
    public List<byte[]> snapshotChunks() {
        return SnapshotCodec.write(image);
    }

    // ---- applying

    private final class Machine implements MetadataLog.StateMachine {
        @Override
        public void restore(List<byte[]> snapshot) {
            try {
                MetadataImage restored = SnapshotCodec.read(snapshot);
                publish(restored, ImageRecords.between(image, restored));
                commands.giveUp("a snapshot took the place of the entries under way");
            } catch (MetadataFormatException | RuntimeException e) {
                fail(e);
            }
        }

        @Override
        public void apply(byte[] bytes) {
            if (broken != null) {
                return;
            }
            try {
                apply(RecordCodec.read(bytes));
            } catch (MetadataFormatException | RuntimeException e) {
                fail(e);
            }
        }

        private void apply(RecordCodec.Entry entry) {
            MetadataImage before = image;
            boolean stale = entry.base() != before.version();
            if (!stale) {
                MetadataImage after = Replay.apply(before, entry.records());
                publish(after.withVersion(before.version() + 1), entry.records());
            }
            commands.applied(entry.proposal(), stale);
        }

        @Override
        public List<byte[]> snapshot() throws MetadataFormatException {
            String fault = broken;
            if (fault != null) {
                throw new MetadataFormatException("entries are missing in the image: " + fault);
            }
            return SnapshotCodec.write(image);
        }
    }

    private void publish(MetadataImage after, List<MetadataRecord> records) {
        applying.lock();
        try {
            MetadataImage before = image;
            image = after;
            for (Listener listener : listeners) {
                tell(listener, before, after, records);
            }
        } finally {
            applying.unlock();
        }
    }

    private static void tell(
            Listener listener,
            MetadataImage before,
            MetadataImage after,
            List<MetadataRecord> records) {
        try {
            listener.changed(before, after, records);
        } catch (RuntimeException e) {
            LOG.error("A listener of metadata failed at version {}.", after.version(), e);
        }
    }

    /**
     * What cannot be applied here must not be skipped: this node stays as it was and refuses
     * changes.
     */
    private void fail(Exception cause) {
        broken = String.valueOf(cause.getMessage());
        LOG.error("Metadata cannot be applied; this node keeps what it knew. {}", broken, cause);
        commands.giveUp(String.valueOf(broken));
    }

    @Override
    public void close() throws IOException {
        commands.close();
        log.close();
    }
}
