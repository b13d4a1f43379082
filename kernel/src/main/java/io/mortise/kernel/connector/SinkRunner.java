// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.connector;

import io.mortise.kernel.connector.ConnectorStatus.PartitionLag;
import io.mortise.kernel.connector.ConnectorStatus.State;
import io.mortise.kernel.connector.SinkReader.ReadRefusedException;
import io.mortise.kernel.metadata.ConnectorDefinition;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.Remedy;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.RetentionHold;
import io.mortise.spi.broker.RetentionHold.Policy;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics;
import io.mortise.spi.connector.RetriableSinkException;
import io.mortise.spi.connector.SinkConnectorProvider;
import io.mortise.spi.connector.SinkRecord;
import io.mortise.spi.connector.SinkTask;
import io.mortise.spi.connector.SinkTask.RejectedRecord;
import io.mortise.spi.connector.SinkTask.SinkPartition;
import io.mortise.spi.plugin.PluginContext;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs one sink connector on one virtual thread with the plugin's context loader: reads what is
 * committed, hands it over, goes on behind it. Positions are the other system's; nothing is kept
 * here.
 */
final class SinkRunner {
    private static final Logger LOG = LoggerFactory.getLogger(SinkRunner.class);
    private static final int MAX_RECORDS = 5_000;
    private static final int REJECTED_SHOWN = 5;
    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;
    private static final long LOOK_AGAIN_MILLIS = 1_000;

    private final ConnectorDefinition definition;
    private final SinkConnectorProvider provider;
    private final PluginContext context;
    private final Topics topics;
    private final Semaphore wake = new Semaphore(0);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ArrayDeque<String> lastRejected = new ArrayDeque<>();
    private volatile boolean stopping;
    private final Object calling = new Object();

    /** The thread that is in a call of the task; under {@link #calling}. */
    private @Nullable Thread caller;

    private volatile State state = State.RETRYING;
    private final AtomicInteger attempts = new AtomicInteger();
    private volatile String lastError = "";
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private volatile List<SinkReader> readers = List.of();

    SinkRunner(
            ConnectorDefinition definition,
            SinkConnectorProvider provider,
            PluginContext context,
            Topics topics) {
        this.definition = definition;
        this.provider = provider;
        this.context = context;
        this.topics = topics;
    }

    /** Begins; returns at once. */
    void start() {
        context.scheduler().execute(this::run);
    }

    /** Asks it to end. */
    void stop() {
        stopping = true;
        wake.release();
    }

    /** Waits for the end after {@link #stop}; false if it took longer. */
    boolean awaitEnd(long timeoutNanos) throws InterruptedException {
        return ended.await(timeoutNanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Ends a call of the task that does not come back: a virtual thread's socket is closed by it.
     * Never beyond such a call, for it would close files of the log, too.
     */
    void interrupt() {
        synchronized (calling) {
            if (caller != null) {
                caller.interrupt();
            }
        }
    }

    private <T> T interruptibly(Callable<T> call) throws Exception {
        synchronized (calling) {
            caller = Thread.currentThread();
        }
        try {
            return call.call();
        } finally {
            synchronized (calling) {
                caller = null;
                boolean was = Thread.interrupted();
                LOG.trace("connector {}: interrupted: {}", definition.name(), was);
            }
        }
    }

    ConnectorStatus status() {
        List<PartitionLag> lag = new ArrayList<>();
        for (SinkReader reader : readers) {
            Partition partition = reader.partition();
            lag.add(
                    new PartitionLag(
                            partition.topic().name(),
                            partition.index(),
                            reader.position(),
                            reader.lag()));
        }
        List<String> shown;
        synchronized (lastRejected) {
            shown = List.copyOf(lastRejected);
        }
        return new ConnectorStatus(
                state, attempts.get(), lastError, written.get(), rejected.get(), shown, lag);
    }

    private void run() {
        try (SinkTask task = provider.task(context, definition.name(), definition.settings())) {
            long pause = FIRST_PAUSE_MILLIS;
            while (!stopping) {
                long before = written.get();
                if (!attempt(task)) {
                    return;
                }
                pause = written.get() > before ? FIRST_PAUSE_MILLIS : pause;
                wake.drainPermits(); // left over from the log's moving
                await(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            }
        } catch (RuntimeException e) {
            LOG.error("Connector {}: its plugin failed.", definition.name(), e);
            fail(e.toString());
        } finally {
            ended.countDown();
        }
    }

    /** One life of the task; false if there shall be no other. */
    private boolean attempt(SinkTask task) {
        attempts.incrementAndGet();
        try {
            carry(task);
            return true; // stopping, or the topics changed
        } catch (RetriableSinkException | ReadRefusedException e) {
            retry(String.valueOf(e.getMessage()));
            return true;
        } catch (RefusedException e) {
            if (e.refusal().remedy() == Remedy.RETRY_LATER) {
                retry(e.refusal().message());
                return true;
            }
            fail(e.refusal().message());
            return false;
        } catch (Exception e) {
            LOG.error("Connector {}: its task failed.", definition.name(), e);
            fail(e.toString());
            return false;
        } finally {
            task.stop();
        }
    }

    private void retry(String error) {
        state = State.RETRYING;
        lastError = error;
        LOG.warn("Connector {}: attempt {}: {}", definition.name(), attempts.get(), error);
    }

    private void fail(String error) {
        state = State.FAILED;
        lastError = error;
        LOG.error("Connector {} is FAILED: {}", definition.name(), error);
    }

    private void carry(SinkTask task) throws Exception {
        List<Partition> partitions = partitions();
        List<SinkPartition> names =
                partitions.stream()
                        .map(
                                partition ->
                                        new SinkPartition(
                                                partition.topic().name(), partition.index()))
                        .toList();
        readers = readers(partitions, interruptibly(() -> task.start(names)));
        List<Registration> registrations = new ArrayList<>();
        List<RetentionHold> holds = new ArrayList<>();
        try {
            for (SinkReader reader : readers) {
                holds.add(
                        reader.partition()
                                .hold(reader.position(), Policy.DROP_OLDEST, this::overtaken));
            }
            for (Partition partition : partitions) {
                registrations.add(partition.onAdvance(Runnable::run, moved -> wake.release()));
            }
            state = State.RUNNING;
            while (!stopping && partitions().equals(partitions)) {
                if (!step(task)) {
                    await(LOOK_AGAIN_MILLIS);
                }
                for (int i = 0; i < holds.size(); i++) {
                    holds.get(i).moveTo(readers.get(i).position());
                }
            }
        } finally {
            registrations.forEach(Registration::close);
            holds.forEach(Registration::close);
        }
    }

    private CompletionStage<Void> overtaken(Partition partition, long from, long to) {
        LOG.warn(
                "Connector {}: records {} to {} of {} went by retention before they were carried",
                definition.name(),
                from,
                to - 1,
                partition.logId());
        return CompletableFuture.completedFuture(null);
    }

    private List<Partition> partitions() {
        List<Partition> found = new ArrayList<>();
        for (String name : definition.topics()) {
            Topic topic = topics.find(definition.tenant(), name);
            if (topic == null) {
                throw new RefusedException(
                        Reason.NOT_READY, "topic " + name + " does not exist (yet)");
            }
            for (int i = 0; i < topic.partitionCount(); i++) {
                Partition partition = topic.partition(i);
                if (partition == null) {
                    throw new RefusedException(
                            Reason.NOT_READY, "partition " + name + "-" + i + " is not open (yet)");
                }
                found.add(partition);
            }
        }
        return found;
    }

    private List<SinkReader> readers(
            List<Partition> partitions, Map<SinkPartition, Long> positions) {
        List<SinkReader> made = new ArrayList<>();
        for (Partition partition : partitions) {
            SinkPartition name = new SinkPartition(partition.topic().name(), partition.index());
            long first = partition.logStartOffset();
            long wanted = positions.getOrDefault(name, first);
            if (wanted > partition.highWatermark()) {
                throw new RefusedException(
                        Reason.OFFSET_OUT_OF_RANGE,
                        name
                                + " ends at offset "
                                + partition.highWatermark()
                                + ", but the other system says that the next is "
                                + wanted
                                + ": is this another broker, or was the topic deleted and made"
                                + " again? Remove its rows from the table of offsets");
            }
            if (wanted < first) {
                LOG.warn(
                        "Connector {}: {} begins at offset {}, so records {} to {} are gone by"
                                + " retention and never arrive",
                        definition.name(),
                        name,
                        first,
                        wanted,
                        first - 1);
            }
            made.add(new SinkReader(partition, Math.max(wanted, first)));
        }
        return made;
    }

    /** Carries what there is, up to a bound; false if there was nothing. */
    private boolean step(SinkTask task) throws Exception {
        wake.drainPermits();
        List<SinkRecord> records = new ArrayList<>();
        for (SinkReader reader : readers) {
            if (records.size() < MAX_RECORDS) {
                reader.read(records);
            }
        }
        if (records.isEmpty()) {
            return false;
        }
        List<RejectedRecord> unfit = interruptibly(() -> task.put(records));
        written.addAndGet(records.size() - unfit.size());
        attempts.set(0);
        lastError = "";
        unfit.forEach(this::reject);
        return true;
    }

    private void reject(RejectedRecord unfit) {
        rejected.incrementAndGet();
        SinkRecord record = unfit.source();
        String text =
                record.topic()
                        + "-"
                        + record.partition()
                        + " offset "
                        + record.offset()
                        + ": "
                        + unfit.why();
        synchronized (lastRejected) {
            lastRejected.addFirst(text);
            if (lastRejected.size() > REJECTED_SHOWN) {
                lastRejected.removeLast();
            }
        }
    }

    private void await(long millis) {
        if (stopping) {
            return;
        }
        try {
            boolean woken = wake.tryAcquire(millis, TimeUnit.MILLISECONDS);
            LOG.trace("connector {} woken: {}", definition.name(), woken);
        } catch (InterruptedException e) {
            stopping = true;
        }
    }
}
