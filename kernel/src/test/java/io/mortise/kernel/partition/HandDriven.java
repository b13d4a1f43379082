// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.LogId;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.TestMetrics;
import io.mortise.spi.testing.VolatileFileLayer;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * A host on one thread: the writer, the scheduler and the loop that callbacks come to run when a
 * test says so.
 */
final class HandDriven implements LeadershipListener, AutoCloseable {
    final FakeClock clock = new FakeClock();
    final EngineUnderTest under;
    final MemoryEngine engine;
    final VolatileFileLayer files;
    final FakeTopic topic = new FakeTopic();
    final Loop loop = new Loop();
    final List<String> leadership = new ArrayList<>();
    FakeScheduler scheduler = new FakeScheduler(clock);
    TestMetrics metrics = new TestMetrics();
    LogHost host;
    @Nullable EngineWriter writer;
    @Nullable Registration registration;
    private final PartitionOptions options;
    private final List<PartitionLog> opened = new ArrayList<>();

    /** Engines beside {@link #under}. */
    private final List<EngineUnderTest> others = new ArrayList<>();

    private final List<EngineWriter> writers = new ArrayList<>();
    private final List<Registration> registrations = new ArrayList<>();

    HandDriven() {
        this(PartitionOptions.defaults(), new MemoryEngine(), new VolatileFileLayer());
    }

    HandDriven(PartitionOptions options) {
        this(options, new MemoryEngine(), new VolatileFileLayer());
    }

    HandDriven(PartitionOptions options, EngineUnderTest under, VolatileFileLayer files) {
        this.options = options;
        this.under = under;
        this.engine = under instanceof MemoryEngine it ? it : new MemoryEngine();
        this.files = files;
        this.host = newHost();
    }

    private LogHost newHost() {
        return new LogHost(options, clock, scheduler, files, metrics, this::made, this);
    }

    private void made(EngineWriter made) {
        if (made.engineName().equals(under.provider().name())) {
            writer = made;
        } else {
            writers.removeIf(it -> it.engineName().equals(made.engineName()));
            writers.add(made);
        }
    }

    /** Registers the engine. */
    HandDriven withEngine() {
        registration = register(under);
        others.forEach(other -> registrations.add(register(other)));
        return this;
    }

    /** Registers another engine, which comes back after a restart. */
    HandDriven with(EngineUnderTest other) {
        others.add(other);
        registrations.add(register(other));
        return this;
    }

    /** Registers the first engine again, which left. */
    void reenter() {
        registration = register(under);
    }

    private Registration register(EngineUnderTest engine) {
        try {
            return host.register(engine.provider(), engine.context(clock, scheduler));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens partition {@code index} and runs until it is open. */
    PartitionLog open(int index) {
        return open(index, topic);
    }

    PartitionLog open(int index, FakeTopic of) {
        var log = (PartitionLog) settle(host.open(id(index), of, 0));
        opened.add(log);
        return log;
    }

    /** Gives all memory back, as the death of the process does. */
    @Override
    public void close() {
        opened.forEach(log -> log.leadership().down());
        opened.clear();
    }

    LogId id(int index) {
        return new LogId(topic.tenant(), topic.id(), index, 3);
    }

    /** Runs writer, scheduler and loop until {@code stage} is complete. */
    <T> T settle(CompletionStage<T> stage) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        for (int i = 0; i < 100 && !future.isDone(); i++) {
            settle();
        }
        return future.getNow(null);
    }

    /** Runs everything until nothing is left to do now. */
    void settle() {
        boolean worked = true;
        while (worked) {
            worked = round();
            worked |= scheduler.runReady() > 0;
            worked |= loop.run() > 0;
        }
    }

    /** One round of the writer. */
    boolean round() {
        boolean worked = writer != null && writer.runOnce();
        for (EngineWriter other : writers) {
            worked |= other.runOnce();
        }
        return worked;
    }

    /** The process dies and starts again: only what was forced is left. */
    void crash() {
        files.crash();
        under.powerFails();
        others.forEach(EngineUnderTest::powerFails);
        restart();
    }

    /** Closes the engine, whose partitions are closed. */
    void leaveEngine() {
        Registration engineHere = registration;
        if (engineHere != null) {
            engineHere.close();
        }
        registrations.forEach(Registration::close);
        registrations.clear();
    }

    /** A new host on the same disks. */
    void restart() {
        close();
        scheduler = new FakeScheduler(clock);
        loop.tasks.clear();
        writer = null;
        writers.clear();
        registrations.clear();
        host = newHost();
        withEngine();
    }

    AppendResult append(Partition log, ByteBuf batch) {
        return log.append(batch, -1, Origin.CLIENT, AckLevel.DURABLE, loop, null);
    }

    AppendResult append(Partition log, AckLevel level, ByteBuf batch, List<String> told) {
        String name = level + "@" + log.logEndOffset();
        return log.append(
                batch, -1, Origin.CLIENT, level, loop, it -> told.add(name + outcome(it)));
    }

    private static String outcome(@Nullable Refusal refusal) {
        return refusal == null ? "" : " " + refusal.reason();
    }

    /** Base offsets of everything that a reader finds from {@code offset} on. */
    List<Long> read(Partition log, long offset, Visibility visibility) {
        List<Long> found = new ArrayList<>();
        long next = offset;
        while (true) {
            FetchedBatches fetched = fetch(log, next, 1 << 20, visibility);
            if (fetched.sizeInBytes() == 0) {
                fetched.close();
                return found;
            }
            next = fetched.nextOffset();
            for (ByteBuffer batch : Batches.split(fetched)) {
                found.add(BatchHeader.baseOffset(batch, 0));
            }
        }
    }

    FetchedBatches fetch(Partition log, long offset, int maxBytes, Visibility visibility) {
        var result = new CompletableFuture<FetchedBatches>();
        log.read(
                offset,
                maxBytes,
                visibility,
                loop,
                (batches, refusal) -> {
                    if (batches != null) {
                        result.complete(batches);
                    } else if (refusal != null) {
                        result.completeExceptionally(refusal.asException());
                    }
                });
        for (int i = 0; i < 10 && !result.isDone(); i++) {
            scheduler.runReady();
            loop.run();
        }
        return result.join();
    }

    @Override
    public void lost(Partition partition, Refusal why) {
        leadership.add("lost " + partition.index() + " " + why.reason());
    }

    @Override
    public void won(Partition partition) {
        leadership.add("won " + partition.index() + " epoch " + partition.leaderEpoch());
    }

    /** Keeps tasks until they are asked for. */
    static final class Loop implements Executor {
        final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        int executed;

        @Override
        public synchronized void execute(Runnable task) {
            executed++;
            tasks.add(task);
        }

        private synchronized @Nullable Runnable next() {
            return tasks.poll();
        }

        int run() {
            int ran = 0;
            Runnable task;
            while ((task = next()) != null) {
                task.run();
                ran++;
            }
            return ran;
        }
    }
}
