// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.testing.TestBatches;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Steps on an engine, each noted beside it before it is taken: so that it is known, wherever the
 * power fails, what a log may hold when it comes back.
 */
final class Scenario {
    /** A step that the disk may end. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    private record Batch(long base, long end, byte[] bytes) {}

    /**
     * What a log holds.
     *
     * @param promised the end that must be there
     */
    private record State(boolean exists, long start, List<Batch> batches, long end, long promised) {
        static final State ABSENT = new State(false, 0, List.of(), 0, 0);

        State promising(long offset) {
            return new State(exists, start, batches, end, Math.min(offset, end));
        }

        State cut(long offset) {
            List<Batch> kept = batches.stream().filter(batch -> batch.end <= offset).toList();
            long newEnd =
                    kept.size() == batches.size()
                            ? end
                            : Math.min(offset, batches.get(kept.size()).base);
            return new State(exists, start, kept, newEnd, Math.min(promised, newEnd));
        }
    }

    private final World world;
    private final Durability level;
    private final Map<Integer, State> states = new TreeMap<>();
    private final Map<Integer, State> instead = new TreeMap<>();
    private final Map<Integer, LogStorage> open = new TreeMap<>();
    private long appended;
    private String doing = "opening the engine";

    Scenario(World world, Durability level) {
        this.world = world;
        this.level = level;
    }

    /** A little of everything that an engine does, ended by whatever the disk throws. */
    void everything() throws IOException {
        world.open();
        create(1);
        create(2);
        for (int i = 0; i < 6; i++) {
            append(1, 2, 700);
            append(2, 1, 4_000);
            round();
        }
        append(1, 3, 30_000);
        append(2, 1, 10);
        round();
        aside();
        append(1, 1, 300);
        truncate(2, 5);
        append(2, 2, 900);
        round();
        advance(1, 6);
        append(1, 1, 5_000);
        create(3);
        append(3, 1, 2_000);
        round();
        replace(1, 8, 12);
        append(1, 2, 400);
        delete(2);
        append(3, 4, 100);
        create(2);
        append(2, 1, 50);
        round();
        replace(3, 0, 1);
        round();
        replace(1, 6, 16);
        aside();
        append(3, 1, 100);
        closeEngine();
    }

    /** Something on every path, with a tail that was not forced. */
    void unfinished() throws IOException {
        world.open();
        create(1);
        create(2);
        for (int i = 0; i < 4; i++) {
            append(1, 2, 700);
            append(2, 1, 9_000);
            round();
        }
        aside();
        append(1, 1, 30_000);
        truncate(2, 2);
        append(2, 1, 100);
        round();
        create(3);
        append(3, 1, 3_000);
        append(1, 2, 2_000);
        append(2, 1, 20_000);
        flush();
    }

    private State state(int log) {
        return states.getOrDefault(log, State.ABSENT);
    }

    private LogStorage storage(int log) {
        LogStorage storage = open.get(log);
        if (storage == null) {
            throw new IllegalStateException("log " + log + " is not open");
        }
        return storage;
    }

    /** Until the step is done, the log may be as before or as after. */
    private void change(int log, State after, Step step) throws IOException {
        instead.put(log, after);
        step.run();
        instead.remove(log);
        states.put(log, after);
    }

    void create(int log) throws IOException {
        doing = "creation of log " + log;
        change(
                log,
                new State(true, 0, List.of(), 0, 0),
                () -> open.put(log, world.log(log, level)));
    }

    void append(int log, int records, int size) throws IOException {
        State before = state(log);
        long end = before.end + records;
        byte[] bytes = bytes(before.end, records, size);
        doing = "append at " + before.end + " of log " + log;
        var batches = new ArrayList<>(before.batches);
        batches.add(new Batch(before.end, end, bytes));
        states.put(log, new State(true, before.start, batches, end, before.promised));
        storage(log)
                .append(World.EPOCH, before.end, end, ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    }

    void flush() throws IOException {
        doing = "flush";
        world.engine().flush();
        if (level != Durability.DISK) {
            promiseAll();
        }
    }

    void round() throws IOException {
        flush();
        doing = "force";
        world.engine().force();
        promiseAll();
    }

    private void promiseAll() {
        states.replaceAll((log, state) -> state.promising(state.end));
    }

    void aside() {
        doing = "background work";
        world.harness.scheduler().advanceNanos(60_000_000_000L);
    }

    void truncate(int log, long offset) throws IOException {
        doing = "truncation of log " + log;
        State after = state(log).cut(offset);
        states.put(log, state(log).promising(Math.min(state(log).promised, after.end)));
        change(log, after, () -> storage(log).truncate(offset));
    }

    void advance(int log, long start) throws IOException {
        doing = "advance of the start of log " + log;
        State before = state(log);
        List<Batch> kept = before.batches.stream().filter(batch -> batch.end > start).toList();
        change(
                log,
                new State(true, start, kept, before.end, before.promised),
                () -> storage(log).advanceStart(start));
    }

    void delete(int log) throws IOException {
        doing = "deletion of log " + log;
        storage(log).close();
        open.remove(log);
        change(log, State.ABSENT, () -> world.engine().deleteLog(World.id(log)));
    }

    /**
     * As compaction does: of the batches in the range every second is left, its bytes others than
     * before and its last record gone.
     */
    void replace(int log, long from, long to) throws IOException {
        doing = "replacement of " + from + " to " + to + " of log " + log;
        State before = state(log);
        var batches = new ArrayList<Batch>();
        var fresh = new ArrayList<ByteBuffer>();
        boolean keep = false;
        for (Batch batch : before.batches) {
            if (batch.base < from || batch.base >= to) {
                batches.add(batch);
            } else if (keep) {
                Batch rewritten = rewritten(batch);
                batches.add(rewritten);
                fresh.add(ByteBuffer.wrap(rewritten.bytes).asReadOnlyBuffer());
            }
            keep = !keep;
        }
        change(
                log,
                new State(true, before.start, batches, before.end, before.promised),
                () -> storage(log).replace(from, to, fresh));
    }

    private Batch rewritten(Batch batch) {
        long end = Math.max(batch.base + 1, batch.end - 1);
        int records = (int) (end - batch.base);
        return new Batch(batch.base, end, bytes(batch.base, records, 333));
    }

    private byte[] bytes(long base, int records, int size) {
        return TestBatches.batch(base, World.EPOCH, records, size, 1000 + base, ++appended).array();
    }

    void closeEngine() throws IOException {
        doing = "close of the engine";
        world.engine().close();
    }

    /** What the last step was. */
    String doing() {
        return doing;
    }

    /** After the engine came back: opens every log and finds that it holds what it may hold. */
    void verify(String when) throws IOException {
        open.clear();
        for (int log = 1; log <= 3; log++) {
            boolean present = world.engine().logs().contains(World.id(log));
            var wrong = new ArrayList<String>();
            if (present) {
                open.put(log, world.log(log, level));
            }
            State found = match(log, state(log), wrong);
            if (found == null && instead.containsKey(log)) {
                found = match(log, instead.getOrDefault(log, State.ABSENT), wrong);
            }
            if (found == null) {
                throw new AssertionError(when + ", during " + doing + ": log " + log + " " + wrong);
            }
            states.put(log, found);
            instead.remove(log);
        }
    }

    /** Each log takes one more batch, which stays. */
    void goOn() throws IOException {
        for (int log : List.copyOf(open.keySet())) {
            append(log, 1, 600);
        }
        round();
    }

    private @Nullable State match(int log, State wanted, List<String> wrong) throws IOException {
        LogStorage storage = open.get(log);
        if (storage == null || !wanted.exists) {
            if (storage == null && !wanted.exists) {
                return State.ABSENT;
            }
            wrong.add(storage == null ? "is gone" : "is there again");
            return null;
        }
        if (storage.startOffset() != wanted.start) {
            wrong.add("starts at " + storage.startOffset() + ", not " + wanted.start);
            return null;
        }
        byte[] bytes = TestBatches.readAll(storage, wanted.start, 2_000);
        int matched = 0;
        int at = 0;
        while (matched < wanted.batches.size() && at < bytes.length) {
            byte[] next = wanted.batches.get(matched).bytes;
            if (!Arrays.equals(
                    next, 0, next.length, bytes, at, Math.min(bytes.length, at + next.length))) {
                wrong.add("differs at offset " + wanted.batches.get(matched).base);
                return null;
            }
            at += next.length;
            matched++;
        }
        return ended(storage, wanted, matched, at == bytes.length, wrong);
    }

    private static @Nullable State ended(
            LogStorage storage, State wanted, int matched, boolean whole, List<String> wrong) {
        long least = matched == 0 ? wanted.start : wanted.batches.get(matched - 1).end;
        boolean all = matched == wanted.batches.size();
        long most = all ? wanted.end : wanted.batches.get(matched).base;
        long end = storage.endOffset();
        if (!whole || end < least || end > most) {
            wrong.add("ends at " + end + " after batches up to " + least);
            return null;
        }
        if (end < wanted.promised) {
            wrong.add("ends at " + end + ", promised was " + wanted.promised);
            return null;
        }
        return new State(true, wanted.start, wanted.batches.subList(0, matched), end, end);
    }
}
