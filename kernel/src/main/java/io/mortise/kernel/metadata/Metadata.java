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
import io.mortise.spi.runtime.Scheduler;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * This node's view of the metadata and the way to change it.
 *
 * <p>A command is a {@link Decision}: a pure function from image to records. Waiting commands are
 * decided together, each against what the ones before it will have done, and proposed as one entry
 * that names the version it was decided against. Every node applies an entry only if its image
 * still has that version, so two nodes may propose at once: one of them decides again. Reads never
 * wait for any of this.
 */
public final class Metadata implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Metadata.class);
    private static final int MAX_WAITING = 10_000;
    private static final int MAX_COMMANDS = 500;
    private static final int MAX_RECORDS = 1_000;
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

    private record Command<T>(Decision<T> decision, CompletableFuture<T> outcome) {}

    private record Decided<T>(Command<T> command, T result) {
        void complete() {
            command.outcome.complete(result);
        }
    }

    private record Batch(
            String proposal, List<Decided<?>> decided, List<MetadataRecord> records, long base) {}

    private final MetadataLog log;
    private final Scheduler scheduler;
    private final String proposer;
    private final ReentrantLock applying = new ReentrantLock();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock queueLock = new ReentrantLock();
    private final ArrayDeque<Command<?>> waiting = new ArrayDeque<>();
    private boolean draining;
    private boolean closed;
    private long proposals;
    private @Nullable Batch inFlight;
    private volatile MetadataImage image = MetadataImage.EMPTY;
    private volatile @Nullable String broken;

    private Metadata(MetadataLog log, Scheduler scheduler, RandomGenerator random) {
        this.log = log;
        this.scheduler = scheduler;
        this.proposer = Long.toHexString(random.nextLong());
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
        Command<T> command = new Command<>(decision, new CompletableFuture<>());
        queueLock.lock();
        try {
            if (closed) {
                return refused(Reason.SHUTTING_DOWN, "the broker stops");
            }
            if (broken != null) {
                return refused(
                        Reason.METADATA_UNAVAILABLE, "metadata cannot be applied here: " + broken);
            }
            if (waiting.size() >= MAX_WAITING) {
                return refused(Reason.BUSY, MAX_WAITING + " metadata commands wait already");
            }
            waiting.add(command);
            wake();
        } finally {
            queueLock.unlock();
        }
        return command.outcome;
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

    /** Writes a snapshot now; may block. */
    public void snapshot() throws IOException {
        log.snapshot();
    }

    /** The present image as a snapshot: what a new group of nodes begins with. */
    public List<byte[]> snapshotChunks() {
        return SnapshotCodec.write(image);
    }

    private static <T> CompletionStage<T> refused(Reason reason, String message) {
        return CompletableFuture.failedFuture(new RefusedException(reason, message));
    }

    // ---- deciding and proposing: at most one entry is under way

    private void wake() {
        if (!draining && !waiting.isEmpty()) {
            draining = true;
            scheduler.execute(this::drain);
        }
    }

    private void drain() {
        Batch batch = decide();
        if (batch.records.isEmpty()) {
            finish(batch, null);
            return;
        }
        queueLock.lock();
        try {
            inFlight = batch;
        } finally {
            queueLock.unlock();
        }
        byte[] entry =
                RecordCodec.write(new RecordCodec.Entry(batch.base, batch.proposal, batch.records));
        log.propose(entry).whenComplete((_, failure) -> proposed(batch, failure));
    }

    /**
     * Committed entries are finished by {@link Machine#apply}, perhaps already, perhaps a little
     * later.
     */
    private void proposed(Batch batch, @Nullable Throwable failure) {
        if (failure != null && takeInFlight(batch.proposal) != null) {
            finish(batch, unavailable(failure));
        }
    }

    private static RefusedException unavailable(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        if (failure instanceof RefusedException refused) {
            return refused;
        }
        return cause instanceof RefusedException refused
                ? refused
                : new RefusedException(
                        Reason.METADATA_UNAVAILABLE, "metadata: " + failure.getMessage());
    }

    /** Decides waiting commands one after the other, until the entry is large enough. */
    private Batch decide() {
        MetadataImage base = image;
        MetadataImage speculative = base;
        List<Decided<?>> decided = new ArrayList<>();
        List<MetadataRecord> records = new ArrayList<>();
        Command<?> command = poll();
        while (command != null) {
            speculative = decide(command, speculative, decided, records);
            boolean full = decided.size() >= MAX_COMMANDS || records.size() >= MAX_RECORDS;
            command = full ? null : poll();
        }
        return new Batch(proposer + "-" + ++proposals, decided, records, base.version());
    }

    private @Nullable Command<?> poll() {
        queueLock.lock();
        try {
            return waiting.poll();
        } finally {
            queueLock.unlock();
        }
    }

    private <T> MetadataImage decide(
            Command<T> command,
            MetadataImage before,
            List<Decided<?>> decided,
            List<MetadataRecord> records) {
        try {
            Change<T> change = command.decision.decide(before);
            MetadataImage after = Replay.apply(before, change.records);
            records.addAll(change.records);
            decided.add(new Decided<>(command, change.result));
            return after;
        } catch (RefusedException e) {
            command.outcome.completeExceptionally(e);
        } catch (RuntimeException e) {
            LOG.error("A metadata command failed; nothing was changed.", e);
            command.outcome.completeExceptionally(
                    new RefusedException(Reason.INTERNAL_ERROR, "metadata command: " + e));
        }
        return before;
    }

    private @Nullable Batch takeInFlight(String proposal) {
        queueLock.lock();
        try {
            Batch batch = inFlight;
            if (batch == null || !batch.proposal.equals(proposal)) {
                return null;
            }
            inFlight = null;
            return batch;
        } finally {
            queueLock.unlock();
        }
    }

    /** Tells the commands of a batch how they ended and begins the next one. */
    private void finish(Batch batch, @Nullable RefusedException failure) {
        for (Decided<?> decided : batch.decided) {
            if (failure == null) {
                decided.complete();
            } else {
                decided.command.outcome.completeExceptionally(failure);
            }
        }
        next(List.of());
    }

    private void decideAgain(Batch batch) {
        List<Command<?>> commands = new ArrayList<>();
        batch.decided.forEach(decided -> commands.add(decided.command));
        next(commands);
    }

    private void next(List<Command<?>> again) {
        queueLock.lock();
        try {
            for (int i = again.size() - 1; i >= 0; i--) {
                waiting.addFirst(again.get(i));
            }
            draining = false;
            wake();
        } finally {
            queueLock.unlock();
        }
    }

    // ---- applying

    private final class Machine implements MetadataLog.StateMachine {
        @Override
        public void restore(List<byte[]> snapshot) {
            try {
                MetadataImage restored = SnapshotCodec.read(snapshot);
                publish(restored, ImageRecords.between(image, restored));
                giveUpInFlight("a snapshot took the place of the entries under way");
            } catch (MetadataFormatException e) {
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
            } catch (MetadataFormatException | IllegalStateException e) {
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
            Batch batch = takeInFlight(entry.proposal());
            if (batch != null && stale) {
                decideAgain(batch);
            } else if (batch != null) {
                finish(batch, null);
            }
        }

        @Override
        public List<byte[]> snapshot() {
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
        broken = cause.getMessage();
        LOG.error("Metadata cannot be applied; this node keeps what it knew. {}", broken, cause);
        giveUpInFlight(String.valueOf(broken));
    }

    private void giveUpInFlight(String why) {
        Batch batch = inFlightNow();
        if (batch != null && takeInFlight(batch.proposal) != null) {
            finish(batch, new RefusedException(Reason.METADATA_UNAVAILABLE, "metadata: " + why));
        }
    }

    private @Nullable Batch inFlightNow() {
        queueLock.lock();
        try {
            return inFlight;
        } finally {
            queueLock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        List<Command<?>> left;
        queueLock.lock();
        try {
            closed = true;
            left = new ArrayList<>(waiting);
            waiting.clear();
        } finally {
            queueLock.unlock();
        }
        RefusedException stopping = new RefusedException(Reason.SHUTTING_DOWN, "the broker stops");
        left.forEach(command -> command.outcome.completeExceptionally(stopping));
        log.close();
    }
}
