// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.kernel.topic.BrokerTopic;
import io.mortise.simulation.PartitionHistory.Placed;
import io.mortise.spi.Durability;
import io.mortise.spi.Refusal;
import io.mortise.spi.TopicId;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.SimulatedFileLayer;
import io.mortise.spi.testing.SimulatedFileLayer.Trouble;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.LogRecord;
import java.util.random.RandomGenerator;

/**
 * One history, drawn from its seed: a broker on a disk that fails and loses power, producers that
 * send again what was not answered, readers, commands; and the promises that all of them were
 * given.
 */
final class History implements World {
    /** Every history has at least so many. */
    static final int OPERATIONS = 100;

    static final int FAULTS = 8;
    static final int CRASHES = 1;

    private static final int LOOPS = 3;
    private static final int PRODUCERS = 3;
    private static final int MOST_DAMAGES = 3;
    private static final long SECOND = 1_000_000_000L;

    private static final List<Trouble> FAILURES =
            List.of(
                    Trouble.IO_ERROR,
                    Trouble.NO_SPACE,
                    Trouble.SHORT_WRITE,
                    Trouble.SLOW,
                    Trouble.FAILED_FORCE);

    private static final List<Durability> LEVELS =
            List.of(Durability.DISK, Durability.OS, Durability.MEMORY);

    /** A topic's one partition and those who use it. */
    private final class User {
        final PartitionHistory history;
        final List<Producer> producers = new ArrayList<>();
        final List<Reader> readers = new ArrayList<>();

        User(PartitionHistory history) {
            this.history = history;
            for (int i = 0; i < PRODUCERS; i++) {
                producers.add(new Producer(History.this, history, i));
            }
            readers.add(new Reader(History.this, history, 0));
            readers.add(new Reader(History.this, history, 1));
        }

        void disconnected(boolean promisesHold) {
            history.ended(promisesHold);
            producers.forEach(Producer::disconnected);
            readers.forEach(Reader::disconnected);
        }
    }

    private final RandomGenerator random;
    private final Trace trace;
    private final FakeClock clock = new FakeClock();
    private final SimulatedFileLayer disk;
    private final TopicsHistory topics = new TopicsHistory(this);
    private final Map<TopicId, User> users = new HashMap<>();
    private final boolean forcesFail;
    private final boolean weakLevels;
    private final boolean spoils;
    private int damages;
    private @Nullable Trouble trouble;
    private int troubleUntil;
    private @Nullable Throwable thrown;
    private @Nullable Life life;
    private int lives;
    private long batches;
    private int operations;
    private int crashes;
    private long compactions;

    /** Before the broker started. */
    private int failuresBefore;

    /** What it logs is of no interest: its disk is gone. */
    private boolean dying;

    private boolean stopping;

    History(long seed, boolean fullTrace) {
        random = new SplittableRandom(seed);
        trace = new Trace(fullTrace);
        disk = new SimulatedFileLayer(random.nextLong()).slow(clock, SECOND / 5);
        // A force that fails may lose what was never forced: weak levels cannot promise anything.
        forcesFail = random.nextInt(3) > 0;
        weakLevels = !forcesFail;
        spoils = random.nextInt(4) == 0;
        if (random.nextBoolean()) {
            disk.on(Trouble.EARLY_WRITE_BACK, 100);
        }
    }

    int operations() {
        return operations;
    }

    /** What was compacted, in all lives. */
    long compactions() {
        return compactions + compactions(life());
    }

    private static long compactions(Life of) {
        return of.metrics.count("mortise_partition_compactions_total");
    }

    /** How often the disk has refused to do something. */
    private int failures() {
        return faults() - damages - disk.happened(Trouble.SLOW);
    }

    /** The broker logged that something went wrong. */
    void logged(LogRecord record) {
        Throwable cause = record.getThrown();
        trace("logged", 0, 0, record.getMessage() + (cause == null ? "" : ": " + cause));
        boolean diskFailed = dying || failures() > failuresBefore;
        if (thrown == null && LogWatch.unexpected(record, diskFailed, damages > 0)) {
            thrown = new Violation("unexpected: " + record.getMessage());
            thrown.initCause(cause);
        }
    }

    int crashes() {
        return crashes;
    }

    int faults() {
        int sum = damages;
        for (Trouble one : FAILURES) {
            sum += disk.happened(one);
        }
        return sum;
    }

    Trace trace() {
        return trace;
    }

    // The course of it.

    /**
     * Lives through it.
     *
     * @throws Violation a promise was broken
     */
    void run() {
        start();
        for (int i = 0; i < 3; i++) {
            topics.command(life().topics, "t" + i, level(), 0);
        }
        life().settle();
        while (operations < OPERATIONS || faults() < FAULTS || crashes < CRASHES) {
            step();
        }
        calm();
        rest();
        checkAll();
        if (random.nextBoolean()) {
            crash(true);
        } else {
            stop();
        }
        checkAll();
        died();
    }

    private Life life() {
        Life now = life;
        if (now == null) {
            throw new IllegalStateException("the broker is down");
        }
        return now;
    }

    private Durability level() {
        return weakLevels ? LEVELS.get(random.nextInt(3)) : Durability.DISK;
    }

    private void step() {
        operations++;
        clock.advanceNanos(random.nextLong(2_000_000));
        operate(random.nextInt(100));
        for (int turns = random.nextInt(8); turns > 0; turns--) {
            life().runOne();
        }
        observe();
        if (trouble != null && operations >= troubleUntil) {
            disk.off(trouble);
            trouble = null;
        }
    }

    private void operate(int drawn) {
        if (drawn < 50) {
            use();
        } else if (drawn < 65) {
            read();
        } else if (drawn < 72) {
            peek();
        } else if (drawn < 76) {
            advanceStart();
        } else if (drawn < 79) {
            topics.command(life().topics, "t" + random.nextInt(5), level(), random.nextInt(1_000));
        } else if (drawn < 83) {
            clock.advanceNanos(random.nextLong(20 * SECOND));
        } else if (drawn < 96) {
            disturb();
        } else if (drawn < 98) {
            life().settle();
        } else if (operations > OPERATIONS / 4) {
            end();
        }
    }

    private void end() {
        switch (random.nextInt(4)) {
            case 0 -> crash(false);
            case 1 -> stop();
            default -> crash(true);
        }
    }

    private void disturb() {
        if (trouble != null) {
            return;
        }
        Trouble next = FAILURES.get(random.nextInt(FAILURES.size() - (forcesFail ? 0 : 1)));
        disk.on(next, random.nextBoolean() ? 1_000 : 200);
        trouble = next;
        troubleUntil = operations + 1 + random.nextInt(4);
        trace("trouble", 0, 0, next);
    }

    /**
     * One bit of a batch is another from now on, on the medium too. What was checked once is not
     * checked again as long as the broker lives: so it happens while that is down.
     */
    private void flipBit() {
        List<String> paths = disk.files().stream().filter(History::holdsBatches).toList();
        if (paths.isEmpty()) {
            return;
        }
        String path = paths.get(random.nextInt(paths.size()));
        try {
            List<FoundBatch> found = FoundBatch.in(path, disk.bytes(path));
            if (!found.isEmpty()) {
                flipBit(path, found, found.get(random.nextInt(found.size())));
            }
        } catch (IOException e) {
            throw new IllegalStateException(path + " was listed", e);
        }
    }

    private static boolean holdsBatches(String path) {
        return path.endsWith(".commit") || path.endsWith(".extent") || path.endsWith(".pack");
    }

    private void flipBit(String path, List<FoundBatch> all, FoundBatch hit) throws IOException {
        int from = BatchHeader.ATTRIBUTES;
        int at = hit.position() + from + random.nextInt(hit.size() - from);
        disk.flipBit(path, at, random.nextInt(8));
        damages++;
        trace("bit flipped", hit.base(), at, path);
        for (FoundBatch batch : all) {
            if (batch.frame() == hit.frame()) {
                damaged(batch);
            }
        }
    }

    private void damaged(FoundBatch batch) {
        boolean known = false;
        for (User user : users.values()) {
            known |= user.history.damaged(batch);
        }
        for (User user : users.values()) {
            if (!known && user.history.compacted()) {
                user.history.mayBeRefused(batch);
            }
        }
    }

    private void calm() {
        disk.calm();
        trouble = null;
    }

    // Those who use it.

    private @Nullable BrokerTopic anyTopic() {
        List<BrokerTopic> all = life().topicsByName();
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    private User user(BrokerTopic topic) {
        return users.computeIfAbsent(
                topic.id(),
                _ ->
                        new User(
                                new PartitionHistory(
                                        this,
                                        topic.name(),
                                        topic.durability(),
                                        TopicsHistory.compacted(topic.name()))));
    }

    private static @Nullable Partition partition(@Nullable BrokerTopic topic) {
        return topic == null || topic.partitionCount() == 0 ? null : topic.partition(0);
    }

    private void use() {
        BrokerTopic topic = anyTopic();
        Partition partition = partition(topic);
        if (topic == null || partition == null) {
            return;
        }
        User user = user(topic);
        user.history.observe(partition);
        int records = 1 + random.nextInt(3);
        int bytes = random.nextInt(10) == 0 ? 3_000 : random.nextInt(300);
        int who = random.nextInt(PRODUCERS + 1);
        if (who == PRODUCERS) {
            sendOnce(partition, user.history, user.history.batch(records, bytes));
        } else {
            user.producers.get(who).send(partition, records, bytes);
        }
    }

    /** Without a producer id, and never again. */
    private void sendOnce(Partition partition, PartitionHistory history, ByteBuf batch) {
        AckLevel level = AckLevel.values()[random.nextInt(3)];
        int now = lives;
        Placed[] place = new Placed[1];
        AppendResult result =
                partition.append(
                        batch,
                        -1,
                        Origin.CLIENT,
                        level,
                        loop(random.nextInt(LOOPS)),
                        refusal -> guarded(now, () -> answered(history, level, place[0], refusal)));
        trace("send once", level.ordinal(), result.baseOffset(), history.name);
        if (result.refusal() == null) {
            place[0] = history.appended(result, batch.nioBuffer());
        }
    }

    private static void answered(
            PartitionHistory history,
            AckLevel level,
            @Nullable Placed place,
            @Nullable Refusal refusal) {
        if (refusal == null && level == AckLevel.DURABLE && place != null) {
            history.acknowledged(place);
        }
    }

    private void read() {
        BrokerTopic topic = anyTopic();
        Partition partition = partition(topic);
        if (topic != null && partition != null) {
            User user = user(topic);
            user.history.observe(partition);
            user.readers.get(random.nextInt(2)).read(partition, 1 + random.nextInt(8_000));
        }
    }

    private void peek() {
        BrokerTopic topic = anyTopic();
        Partition partition = partition(topic);
        if (topic != null && partition != null) {
            User user = user(topic);
            user.history.observe(partition);
            long from = partition.logStartOffset();
            from += random.nextLong(partition.logEndOffset() - from + 1);
            user.readers.get(0).peek(partition, from, 1 + random.nextInt(8_000));
        }
    }

    private void advanceStart() {
        BrokerTopic topic = anyTopic();
        Partition partition = partition(topic);
        if (topic == null || partition == null || random.nextBoolean()) {
            return;
        }
        PartitionHistory history = user(topic).history;
        history.observe(partition);
        long offset = history.drawBase(random.nextInt(1_000));
        int now = lives;
        partition.advanceStart(
                offset,
                loop(0),
                refusal ->
                        guarded(
                                now,
                                () -> {
                                    trace("start", offset, refusal == null ? 1 : 0, history.name);
                                    if (refusal == null) {
                                        history.startAdvanced(offset);
                                    }
                                }));
    }

    // Ends and beginnings.

    private void crash(boolean power) {
        trace(power ? "power loss" : "kill", ++crashes, 0, "broker");
        if (power) {
            disk.crash();
        } else {
            disk.killProcess();
        }
        died();
        compactions += compactions(life());
        boolean osHolds = !power;
        disconnect(osHolds);
        start();
    }

    private void stop() {
        trace("stop", 0, 0, "broker");
        stopping = true;
        try {
            life().stop();
        } catch (IOException e) {
            died(); // the disk failed it at the end
        }
        stopping = false;
        compactions += compactions(life());
        disk.killProcess();
        disconnect(true);
        start();
    }

    private void died() {
        dying = true;
        life().die();
        dying = false;
    }

    /** The broker is down. */
    private void disconnect(boolean osHolds) {
        thrownHere();
        if (spoils && damages < MOST_DAMAGES) {
            flipBit();
        }
        for (User user : users.values()) {
            Durability level = user.history.durability;
            user.disconnected(level == Durability.DISK || (osHolds && level == Durability.OS));
        }
    }

    private void start() {
        failuresBefore = failures();
        for (int tries = 0; ; tries++) {
            if (tries == 3) {
                calm();
            }
            try {
                lives++;
                life = new Life(disk, clock, random, LOOPS);
                topics.started(life().topics);
                trace("started", lives, tries, "broker");
                return;
            } catch (IOException e) {
                trace("does not start", lives, tries, e);
                disk.killProcess();
                if (tries > 3) {
                    throw new Violation("the broker does not start on a calm disk: " + e);
                }
            }
        }
    }

    // Looking.

    private void observe() {
        thrownHere();
        for (BrokerTopic topic : life().topicsByName()) {
            Partition partition = partition(topic);
            if (partition != null) {
                user(topic).history.observe(partition);
            }
        }
    }

    private void thrownHere() {
        switch (thrown) {
            case null -> {}
            case Error error -> throw error;
            case RuntimeException exception -> throw exception;
            default -> throw new IllegalStateException(thrown);
        }
    }

    /** Time passes without trouble until every partition leads. */
    private void rest() {
        for (int i = 0; i < 200 && !allLead(); i++) {
            life().settle();
            clock.advanceNanos(SECOND);
        }
        life().settle();
        if (!allLead()) {
            trace("given up", 0, 0, "partition"); // after so many tries, until the next start
            stop();
            life().settle();
        }
        observe();
    }

    private boolean allLead() {
        for (BrokerTopic topic : life().topicsByName()) {
            if (partition(topic) == null) {
                return false;
            }
        }
        return true;
    }

    private void checkAll() {
        rest();
        for (BrokerTopic topic : life().topicsByName()) {
            Partition partition = partition(topic);
            if (partition == null) {
                throw new Violation(topic + " does not lead on a calm disk");
            }
            trace("check", partition.logStartOffset(), partition.logEndOffset(), topic.name());
            user(topic).history.checkAll(partition, this::readNow);
        }
        thrownHere();
        if (damages == 0 && life().metrics.count("mortise_partition_lost_offsets_total") > 0) {
            throw new Violation("the engine lost acknowledged offsets");
        }
    }

    /**
     * A log that failed aside is opened anew once somebody asks for it: so it may take two tries.
     */
    private @Nullable FetchedBatches readNow(
            Partition partition, PartitionHistory history, long offset, int maxBytes) {
        FetchedBatches found = readOnce(partition, offset, maxBytes);
        if (found == null && history.behindDamage(offset) == offset) {
            rest();
            found = readOnce(partition, offset, maxBytes);
        }
        if (found == null && history.behindDamage(offset) == offset) {
            throw new Violation(partition + " cannot be read at " + offset + " on a calm disk");
        }
        return found;
    }

    private @Nullable FetchedBatches readOnce(Partition partition, long offset, int maxBytes) {
        List<FetchedBatches> found = new ArrayList<>();
        partition.read(
                offset,
                maxBytes,
                Visibility.COMMITTED,
                loop(0),
                (batches, refusal) -> {
                    trace("read at the end", offset, 0, refusal == null ? "" : refusal);
                    if (batches != null) {
                        found.add(batches);
                    }
                });
        life().settle();
        return found.isEmpty() ? null : found.getFirst();
    }

    // What users need.

    @Override
    public ByteBuf batch(int records, int valueBytes) {
        return Batches.of(batches++, clock.wallMillis(), records, valueBytes);
    }

    @Override
    public ByteBuf keyedBatch(int records, int valueBytes) {
        return Batches.keyed(batches++, clock.wallMillis(), records, valueBytes, random);
    }

    @Override
    public long wallMillis() {
        return clock.wallMillis();
    }

    @Override
    public boolean damageIsReported() {
        return life().metrics.count("mortise_storage_segment_damaged_ranges_total") > 0;
    }

    @Override
    public Loop loop(int index) {
        return life().loop(index);
    }

    @Override
    public int lives() {
        return lives;
    }

    @Override
    public boolean stopping() {
        return stopping;
    }

    @Override
    public void guarded(int of, Runnable hearing) {
        Life now = life;
        if (of != lives || now == null || now.isOver()) {
            return;
        }
        try {
            hearing.run();
        } catch (RuntimeException | Error e) {
            if (thrown == null) {
                thrown = e;
            }
        }
    }

    @Override
    public void trace(String what, long a, long b, Object who) {
        trace.note(what, a, b, who);
    }
}
