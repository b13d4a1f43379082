// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.ImmediateReads;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.testing.ModelLog.Replaced;
import io.mortise.spi.testing.SimulatedFileLayer.Trouble;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Drives an engine at random beside a list of what it should hold: appends of all sizes and levels,
 * rounds, truncation, retention, deletion, levels that change, background work, disk failures,
 * kills and power losses in the middle of anything. After each the engine must hold all that it had
 * promised at the log's level, nothing that was never appended, and that in order. A violation is
 * an {@link AssertionError} that names seed and step.
 */
public final class LogModel {
    private static final int LOGS = 6;

    private final EngineHarness harness;
    private final Random random;
    private final long seed;
    private final List<ModelLog> logs = new ArrayList<>();
    private @Nullable StorageEngine engine;
    private int epoch = 1;
    private int step;
    private String doing = "open";
    private boolean faulty;
    private @Nullable SimulatedFileLayer troubled;

    /** Strongest first. */
    private List<Durability> levels = List.of(Durability.DISK, Durability.OS, Durability.MEMORY);

    /** A model that has done nothing yet. */
    public LogModel(EngineHarness harness, long seed) {
        this.harness = harness;
        this.seed = seed;
        random = new Random(seed);
        for (int i = 0; i < LOGS; i++) {
            logs.add(new ModelLog(i));
        }
    }

    /** Whether single operations of the disk fail now and then. */
    public LogModel faulty() {
        faulty = true;
        return this;
    }

    /** What the engine gives; logs are of these levels only. */
    public LogModel levels(Set<Durability> declared) {
        levels = declared.stream().sorted(Comparator.reverseOrder()).toList();
        logs.forEach(log -> log.level = levels.getFirst());
        return this;
    }

    /** Whether the disk meets other troubles now and then: short writes and none left. */
    public LogModel troubled(SimulatedFileLayer disk) {
        troubled = disk;
        return this;
    }

    /** Takes {@code steps} random steps, then checks everything once more after a power loss. */
    public void run(int steps) throws IOException {
        restart(Loss.NONE);
        for (step = 0; step < steps; step++) {
            step();
        }
        restart(Loss.POWER);
        engine().close();
    }

    private enum Loss {
        NONE,
        PROCESS,
        POWER
    }

    private StorageEngine engine() {
        StorageEngine opened = engine;
        if (opened == null) {
            throw new IllegalStateException("no engine");
        }
        return opened;
    }

    private void step() throws IOException {
        int dice = random.nextInt(1000);
        try {
            if (faulty && random.nextInt(30) == 0) {
                failSoon();
            }
            trouble(random.nextInt(30) == 0 ? 50 : 0);
            act(dice);
        } catch (IOException failure) {
            recoverFrom(failure);
        }
        if (dice >= 985) {
            endAbruptly();
        }
    }

    private void act(int dice) throws IOException {
        if (dice < 550) {
            append();
        } else if (dice < 620) {
            doing = "flush";
            engine().flush();
            flushed();
        } else if (dice < 770) {
            endRound();
        } else if (dice < 830) {
            aside();
        } else if (dice < 870) {
            check(any(), "while running");
        } else if (dice < 890) {
            truncate();
        } else if (dice < 915) {
            advanceStart();
        } else if (dice < 925) {
            replace();
        } else if (dice < 935) {
            configure();
        } else if (dice < 950) {
            reopen();
        } else if (dice < 960) {
            delete();
        } else if (dice < 965) {
            closeEngine();
        }
    }

    private void trouble(int chancePerMille) {
        SimulatedFileLayer disk = troubled;
        if (disk != null) {
            disk.on(Trouble.SHORT_WRITE, chancePerMille).on(Trouble.NO_SPACE, chancePerMille);
        }
    }

    private void closeEngine() throws IOException {
        doing = "close of the engine";
        Loss loss = Loss.NONE;
        try {
            engine().close();
        } catch (IOException failure) {
            doing += " (" + failure.getMessage() + ")";
            loss = Loss.PROCESS;
        }
        harness.kill();
        restart(loss);
    }

    private ModelLog any() throws IOException {
        ModelLog log = logs.get(random.nextInt(LOGS));
        if (log.storage == null) {
            doing = "open of " + log.id;
            log.mayBeAbsent = !log.exists;
            log.exists = true;
            log.storage = engine().openLog(log.id, epoch, config(log));
            log.mayBeAbsent = false;
            long end = log.storage.endOffset();
            if (faulty && end < log.end) {
                failedBeforeClose(log, end);
            }
        }
        return log;
    }

    /** A log that failed aside, and was closed before anybody met that, has lost its round. */
    private void failedBeforeClose(ModelLog log, long end) {
        require(
                end >= log.acknowledged && log.boundary(end),
                log,
                "ends at " + end + " once opened anew; " + log.acknowledged + " was promised");
        log.cut(end);
    }

    private LogConfig config(ModelLog log) {
        int[] sizes = {3_000, 20_000, 200_000, 64 << 20};
        return new LogConfig(log.level, sizes[random.nextInt(sizes.length)], log.start);
    }

    private static LogStorage storage(ModelLog log) {
        LogStorage storage = log.storage;
        if (storage == null) {
            throw new IllegalStateException("log " + log.id + " is not open");
        }
        return storage;
    }

    private void append() throws IOException {
        ModelLog log = any();
        int count = random.nextInt(10) == 0 ? 1 + random.nextInt(40) : 1;
        int size = size();
        long base = log.end;
        long next = base;
        int total = 0;
        var batches = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            int records = 1 + random.nextInt(4);
            byte[] batch =
                    TestBatches.batch(next, epoch, records, size, 1000 + next, random.nextLong())
                            .array();
            batches.add(batch);
            log.add(batch, next, next + records);
            next += records;
            total += batch.length;
        }
        ByteBuffer run = ByteBuffer.allocate(total);
        batches.forEach(run::put);
        doing = "append of " + total + " bytes at " + base + " of " + log.id;
        storage(log).append(epoch, base, next, run.flip());
        require(
                storage(log).endOffset() == next,
                log,
                "the end is " + storage(log).endOffset() + ", not " + next);
    }

    private int size() {
        return switch (random.nextInt(10)) {
            case 0, 1, 2, 3 -> random.nextInt(200);
            case 4, 5, 6, 7 -> random.nextInt(3_000);
            case 8 -> random.nextInt(20_000);
            default -> 0;
        };
    }

    private void endRound() throws IOException {
        doing = "end of a round";
        engine().flush();
        flushed();
        if (random.nextInt(8) != 0) {
            engine().force();
            for (ModelLog log : logs) {
                if (log.level == Durability.DISK && log.storage != null) {
                    log.acknowledged = log.end;
                    log.durable = log.end;
                }
            }
        }
    }

    private void flushed() {
        for (ModelLog log : logs) {
            if (log.storage != null) {
                log.written = log.end;
                if (log.level != Durability.DISK) {
                    log.acknowledged = log.end;
                }
            }
        }
    }

    private void aside() {
        doing = "background work";
        switch (random.nextInt(3)) {
            case 0 -> harness.scheduler().runOne();
            case 1 -> harness.scheduler().runReady();
            default -> harness.scheduler().advanceNanos(40_000_000_000L);
        }
    }

    private void truncate() throws IOException {
        ModelLog log = any();
        if (log.end == log.start) {
            return;
        }
        long offset = log.start + random.nextLong(log.end - log.start + 1);
        int kept = log.bases.size();
        while (kept > 0 && log.ends.get(kept - 1) > offset) {
            kept--;
        }
        long least = kept == 0 ? log.start : log.ends.get(kept - 1);
        long cut = kept < log.bases.size() ? Math.min(offset, log.bases.get(kept)) : offset;
        doing = "truncation of " + log.id + " to " + offset;
        if (cut < log.start) {
            return; // the batch that holds the start would go
        }
        log.lower(least);
        storage(log).truncate(offset);
        long end = storage(log).endOffset();
        require(
                end >= least && end <= cut,
                log,
                "truncated to " + end + ", not " + least + " to " + cut);
        cut = end;
        log.cut(cut);
        log.written = Math.min(log.written, cut);
    }

    private void advanceStart() throws IOException {
        ModelLog log = any();
        if (log.acknowledged <= log.start) {
            return;
        }
        long start = log.start + 1 + random.nextLong(log.acknowledged - log.start);
        doing = "advance of the start of " + log.id + " to " + start;
        log.greatestStart = start;
        storage(log).advanceStart(start);
        log.start = start;
        require(
                storage(log).startOffset() == start,
                log,
                "the start is " + storage(log).startOffset());
    }

    /** As compaction does: some batches of a range go, the others get other bytes. */
    private void replace() throws IOException {
        ModelLog log = any();
        int first = 0;
        while (first < log.bases.size() && log.bases.get(first) < log.start) {
            first++;
        }
        int past = first;
        while (past < log.ends.size() && log.ends.get(past) <= log.acknowledged) {
            past++;
        }
        if (past == first) {
            return;
        }
        int from = first + random.nextInt(past - first);
        int to = from + 1 + random.nextInt(Math.min(20, past - from));
        replace(log, from, to);
    }

    private void replace(ModelLog log, int from, int to) throws IOException {
        var after = new Replaced(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        var fresh = new ArrayList<ByteBuffer>();
        for (int i = 0; i < log.bases.size(); i++) {
            boolean within = i >= from && i < to;
            if (within && random.nextInt(3) == 0) {
                continue;
            }
            after.batches().add(within ? fresh(log.bases.get(i), fresh) : log.batches.get(i));
            after.bases().add(log.bases.get(i));
            after.ends().add(within ? log.bases.get(i) + 1 : log.ends.get(i));
        }
        long begin = log.bases.get(from);
        long end = log.ends.get(to - 1);
        doing = "replacement of " + begin + " to " + end + " of " + log.id;
        log.replaced = after;
        storage(log).replace(begin, end, fresh);
        log.take(after);
        log.replaced = null;
    }

    private byte[] fresh(long base, List<ByteBuffer> fresh) {
        byte[] bytes =
                TestBatches.batch(base, epoch, 1, size(), 1000 + base, random.nextLong()).array();
        fresh.add(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
        return bytes;
    }

    private void configure() throws IOException {
        ModelLog log = any();
        Durability level = levels.get(Math.max(0, random.nextInt(levels.size() + 1) - 1));
        doing = "change of " + log.id + " to " + level;
        engine().flush();
        flushed();
        if (log.level == Durability.DISK && random.nextBoolean()) {
            engine().force();
            for (ModelLog each : logs) {
                if (each.level == Durability.DISK && each.storage != null) {
                    each.acknowledged = each.end;
                    each.durable = each.end;
                }
            }
        }
        LogConfig config = config(log);
        storage(log).configure(new LogConfig(level, config.extentBytes(), config.startOffset()));
        log.level = level;
    }

    private void reopen() throws IOException {
        ModelLog log = any();
        doing = "close of " + log.id;
        LogStorage storage = storage(log);
        log.storage = null;
        storage.close();
        epoch++;
        any();
    }

    private void delete() throws IOException {
        ModelLog log = any();
        doing = "deletion of " + log.id;
        LogStorage storage = storage(log);
        log.storage = null;
        storage.close();
        log.mayBeAbsent = true;
        engine().deleteLog(log.id);
        log.forget();
        require(!engine().logs().contains(log.id), log, "deleted, but listed");
    }

    /** One operation of the disk among the next ones fails. */
    private void failSoon() {
        int[] left = {random.nextInt(12)};
        harness.files()
                .faults(
                        (operation, path) -> {
                            boolean changes = operation != VolatileFileLayer.Operation.READ;
                            if (changes && left[0]-- == 0) {
                                throw new IOException("injected: " + operation + " of " + path);
                            }
                        });
    }

    /** Power or process go in the middle of something. */
    private void endAbruptly() throws IOException {
        Loss loss = random.nextBoolean() ? Loss.POWER : Loss.PROCESS;
        int[] left = {random.nextInt(30)};
        harness.files()
                .faults(
                        (operation, path) -> {
                            if (left[0]-- <= 0) {
                                throw new IOException("gone: " + operation + " of " + path);
                            }
                        });
        try {
            while (left[0] > 0) {
                int before = left[0];
                act(random.nextInt(960));
                left[0] = Math.min(left[0], before - 1);
            }
        } catch (IOException gone) {
            doing += ", then " + loss + " (" + gone.getMessage() + ")";
        }
        restart(loss);
    }

    private void restart(Loss loss) throws IOException {
        trouble(0);
        switch (loss) {
            case POWER -> harness.crash();
            case PROCESS -> harness.kill();
            case NONE -> {}
        }
        engine = harness.open();
        epoch++;
        for (ModelLog log : logs) {
            log.storage = null;
            boolean present = engine().logs().contains(log.id);
            log.mayBeAbsent |= levels.getFirst() == Durability.MEMORY;
            require(
                    present || !log.exists || log.mayBeAbsent,
                    log,
                    "lost with all it held after " + doing);
            if (present) {
                reopened(
                        log,
                        loss == Loss.POWER
                                ? log.durable
                                : loss == Loss.PROCESS ? log.written : log.end);
                log.durable = log.end;
            } else {
                log.forget();
            }
        }
    }

    /** Opens a log, finds out what is left of it, and goes on from there. */
    private void reopened(ModelLog log, long floor) throws IOException {
        LogStorage storage = engine().openLog(log.id, epoch, config(log));
        log.storage = storage;
        boolean empty = storage.endOffset() == 0; // its creation failed, but was not undone
        require(log.exists || empty, log, "there again after it was deleted, after " + doing);
        log.exists = true;
        log.mayBeAbsent = false;
        long start = storage.startOffset();
        long end = storage.endOffset();
        require(
                start == log.start || start == log.greatestStart,
                log,
                "starts at " + start + ", not " + log.start + ", after " + doing);
        require(
                end >= floor && (end <= log.end || end == start) && log.boundary(end),
                log,
                "ends at "
                        + end
                        + "; at least "
                        + floor
                        + " of "
                        + log.end
                        + " was promised, after "
                        + doing);
        log.start = start;
        log.greatestStart = start;
        log.cut(end);
        log.acknowledged = end;
        log.written = end;
        checkEither(log);
    }

    /** A replacement that failed or met a loss has taken place, or has not. */
    private void checkEither(ModelLog log) throws IOException {
        Replaced replaced = log.replaced;
        log.replaced = null;
        try {
            check(log, "after " + doing);
        } catch (AssertionError different) {
            if (replaced == null) {
                throw different;
            }
            log.take(replaced);
            log.cut(log.end);
            check(log, "if replaced, after " + doing);
        }
    }

    /** The disk failed an operation: logs that refuse are opened anew, the others must be whole. */
    private void recoverFrom(IOException failure) throws IOException {
        harness.files().faults((operation, path) -> {});
        trouble(0);
        doing += " (" + failure.getMessage() + ")";
        epoch++;
        for (ModelLog log : logs) {
            recoverOne(log);
        }
    }

    private void recoverOne(ModelLog log) throws IOException {
        if (!log.exists) {
            return;
        }
        if (log.mayBeAbsent && !engine().logs().contains(log.id)) {
            log.forget();
            return;
        }
        LogStorage storage = log.storage;
        if (storage != null && serves(storage)) {
            require(
                    storage.endOffset() == log.end,
                    log,
                    "serves up to " + storage.endOffset() + " after " + doing);
            log.replaced = null; // a log that goes on after it refused holds what it held
            log.start = storage.startOffset();
            log.greatestStart = log.start;
            check(log, "after " + doing);
            return;
        }
        if (storage != null) {
            storage.close();
        }
        long durable = log.durable;
        long acknowledged = log.acknowledged;
        reopened(log, acknowledged);
        log.durable = Math.min(durable, log.end);
        log.acknowledged =
                Math.min(acknowledged, log.end); // opening a healthy log promises nothing new
    }

    private static boolean serves(LogStorage storage) {
        try {
            storage.read(storage.endOffset(), Long.MAX_VALUE, 1).close();
            return true;
        } catch (IOException failed) {
            return false;
        }
    }

    private void check(ModelLog log, String when) throws IOException {
        LogStorage storage = storage(log);
        require(
                storage.startOffset() == log.start,
                log,
                "starts at " + storage.startOffset() + " " + when);
        require(storage.endOffset() == log.end, log, "ends at " + storage.endOffset() + " " + when);
        int at = 0;
        while (at < log.bases.size() && log.ends.get(at) <= log.start) {
            at++;
        }
        long next = log.start;
        while (next < log.end) {
            int maxBytes = 1 + random.nextInt(30_000);
            long limit = random.nextInt(4) == 0 ? next + 1 + random.nextInt(10) : Long.MAX_VALUE;
            try (LogSlice slice = read(storage, next, limit, maxBytes)) {
                at = compare(log, slice, at, limit, when);
                require(slice.nextOffset() > next, log, "gives nothing at " + next + " " + when);
                next = slice.nextOffset();
            }
        }
    }

    /** At once where the log can, but not always: both ways give the same. */
    private static LogSlice read(LogStorage storage, long offset, long limit, int maxBytes)
            throws IOException {
        boolean even = (offset & 1) == 0;
        LogSlice ready =
                even && storage instanceof ImmediateReads able
                        ? able.readIfReady(offset, limit, maxBytes)
                        : null;
        return ready == null ? storage.read(offset, limit, maxBytes) : ready;
    }

    private int compare(ModelLog log, LogSlice slice, int from, long limit, String when)
            throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(TestBatches.bytes(slice));
        int at = from;
        while (bytes.hasRemaining()) {
            require(at < log.batches.size(), log, "invents batches past " + log.end + " " + when);
            byte[] expected = log.batches.get(at);
            boolean same =
                    bytes.remaining() >= expected.length
                            && bytes.slice(bytes.position(), expected.length)
                                    .equals(ByteBuffer.wrap(expected));
            require(
                    same,
                    log,
                    "differs at offset "
                            + log.bases.get(at)
                            + ", where a batch of "
                            + bytes.getInt(bytes.position() + 8)
                            + " bytes from "
                            + bytes.getLong(bytes.position())
                            + " is and one of "
                            + (expected.length - 12)
                            + " should be, "
                            + when);
            require(log.bases.get(at) < limit, log, "passes the limit " + limit + " " + when);
            bytes.position(bytes.position() + expected.length);
            at++;
        }
        long least = at == from ? slice.baseOffset() : log.ends.get(at - 1);
        long most = at == log.bases.size() ? log.end : log.bases.get(at);
        boolean skips = at == from && most < Math.min(limit, log.end);
        require(
                slice.nextOffset() >= least && slice.nextOffset() <= most && !skips,
                log,
                "miscounts " + when);
        return at;
    }

    private void require(boolean condition, ModelLog log, String message) {
        if (!condition) {
            throw new AssertionError(
                    "seed " + seed + ", step " + step + ", log " + log.id + " (" + log.level + "): "
                            + message);
        }
    }
}
