// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.storage.CheckableStorage;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageContext;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.storage.segment.file.Checkpoint;
import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.Frame;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Logs on one disk. {@link Round} has what the writer does, {@link Background} what happens aside.
 */
final class SegmentEngine implements StorageEngine, CheckableStorage {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Registration directoryLock;
    private final Map<LogId, SegmentLog> logs = new ConcurrentHashMap<>();
    private final EngineRecovery recovered;
    private final CommitLog commit;
    private final Packs packs;
    private final Round round;
    private final LogReader reader;
    private final DamageLog damage;
    private final LogTruncation truncation;
    private final LogReplacement replacement;
    private final Background background;
    private final RoomAhead ahead;
    private long nextLogNumber;
    private boolean closed;

    private SegmentEngine(
            FileLayer files,
            Scheduler scheduler,
            Settings settings,
            EngineMetrics metrics,
            DamageLog damage,
            EngineRecovery recovered,
            Registration directoryLock) {
        this.directoryLock = directoryLock;
        var roundLock = new ReentrantLock();
        this.recovered = recovered;
        commit = recovered.commit();
        packs = recovered.packs();
        nextLogNumber = recovered.nextLogNumber();
        recovered.takeLogs().forEach(log -> logs.put(log.id, log));
        this.damage = damage;
        reader = new LogReader(files, damage);
        truncation = new LogTruncation(files, reader);
        replacement = new LogReplacement(files, reader, truncation, roundLock);
        var packer = new LogPacker(packs, settings, metrics, damage);
        var copier = new LogCopier(files, metrics, damage, packer);
        background = new Background(files, scheduler, settings, copier, packer, packs, this);
        ahead = new RoomAhead(files, scheduler, roundLock, commit, settings, metrics);
        round =
                new Round(
                        roundLock,
                        files,
                        settings,
                        metrics,
                        commit,
                        background::roundEnded,
                        ahead::wants);
    }

    static SegmentEngine open(StorageContext context) throws IOException {
        FileLayer files = context.files();
        Registration directoryLock = files.lock("lock");
        try {
            var settings = Settings.of(context.config());
            var metrics = EngineMetrics.of(context.metrics());
            var commit = new CommitLog(files, context.random(), settings, metrics);
            var damage = new DamageLog(metrics);
            var packs = new Packs(files, context.random(), settings, damage);
            var recovery = new EngineRecovery(files, commit, packs, damage);
            recovery.run();
            var engine =
                    new SegmentEngine(
                            files,
                            context.scheduler(),
                            settings,
                            metrics,
                            damage,
                            recovery,
                            directoryLock);
            engine.background.start();
            return engine;
        } catch (IOException | RuntimeException failure) {
            directoryLock.close();
            throw failure;
        }
    }

    LogReader reader() {
        return reader;
    }

    Iterable<SegmentLog> allLogs() {
        return logs.values();
    }

    @Override
    public Set<Durability> durabilities() {
        return Set.of(Durability.MEMORY, Durability.OS, Durability.DISK);
    }

    @Override
    public List<LogId> logs() {
        return List.copyOf(logs.keySet());
    }

    @Override
    public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config) throws IOException {
        round.lock.lock();
        try {
            requireLevel(id, config);
            SegmentLog log = logs.get(id);
            if (log == null) {
                log = create(id, config.startOffset());
            }
            if (log.open) {
                throw new IllegalStateException("log " + id + " is already open");
            }
            if (log.broken != null && !(log.broken instanceof CorruptLogException)) {
                log = recoverAgain(log);
            }
            if (log.broken != null) {
                throw cannotOpen(id, log.broken);
            }
            if (log.failure != null) {
                reopenFailed(log);
            }
            endDiskRound(log, config);
            if (config.durability() == Durability.DISK && log.durability != Durability.DISK) {
                round.raise(log);
            }
            log.open(leaderEpoch, config);
            return new LogHandle(this, log);
        } finally {
            round.lock.unlock();
        }
    }

    private static IOException cannotOpen(LogId id, IOException broken) {
        boolean damaged = broken instanceof CorruptLogException;
        return new IOException(
                "log "
                        + id
                        + " cannot be opened: "
                        + broken.getMessage()
                        + (damaged ? "; " + LogCheck.REMEDY : ""),
                broken);
    }

    /** The disk failed when the log was to be put together at the start; it may do now. */
    private SegmentLog recoverAgain(SegmentLog broken) throws IOException {
        SegmentLog log = recovered.again(broken);
        logs.put(log.id, log);
        if (log.broken == null) {
            control(Frame.TRUNCATE, log, log.endOffset(), NOTHING); // whatever was not taken over
        }
        return log;
    }

    /** A log that asks for less from now on must not leave a round whose frames are not forced. */
    private void endDiskRound(SegmentLog log, LogConfig config) throws IOException {
        if (log.inRound
                && log.durability == Durability.DISK
                && config.durability() != Durability.DISK) {
            round.force();
        }
    }

    private static void requireLevel(LogId id, LogConfig config) {
        if (config.durability() == Durability.NONE) {
            throw new IllegalArgumentException(
                    "log "
                            + id
                            + " asks for durability NONE, which stores nothing: ask for MEMORY, OS"
                            + " or DISK");
        }
    }

    private SegmentLog create(LogId id, long startOffset) throws IOException {
        var log = new SegmentLog(nextLogNumber, id, startOffset);
        log.extents.add(new Extent(log.number, startOffset));
        ByteBuffer names = ByteBuffer.allocate(Checkpoint.nameSize(id));
        Checkpoint.putName(names, id);
        control(Frame.CREATE, log, startOffset, names.flip());
        nextLogNumber++;
        logs.put(id, log);
        return log;
    }

    /** What the failed round held is dropped for good; what was complete before it is kept. */
    private void reopenFailed(SegmentLog log) throws IOException {
        log.copyLock.lock();
        try {
            long kept = log.inRound ? Math.min(log.roundBase, log.endOffset) : log.endOffset;
            log.voidFrom(Math.min(kept, log.voidFrom)); // the next try's too, if this one fails
            round.leave(log);
            cut(log, log.voidFrom);
            truncation.rewrite(log);
            log.voidFrom(Long.MAX_VALUE);
            log.failure = null;
        } finally {
            log.copyLock.unlock();
        }
    }

    /**
     * The frames go first: a file that is cut may stand before older frames of the same offsets.
     * Until all is done, what lies past the cut must not be relied on.
     */
    private void cut(SegmentLog log, long offset) throws IOException {
        log.voidFrom(truncation.endAfter(log, offset));
        control(Frame.TRUNCATE, log, log.voidFrom, NOTHING);
        truncation.cut(log, offset);
    }

    void append(SegmentLog log, int epoch, long base, long end, ByteBuffer batches)
            throws IOException {
        round.append(log, epoch, base, end, batches);
        ahead.look(); // a large round writes early
    }

    @Override
    public void flush() throws IOException {
        round.flush();
    }

    @Override
    public void force() throws IOException {
        round.force();
        background.forced(commit, round.takeOwnBytes());
        ahead.look();
    }

    void configure(SegmentLog log, LogConfig config) throws IOException {
        round.lock.lock();
        try {
            requireLevel(log.id, config);
            endDiskRound(log, config);
            if (config.durability() == Durability.DISK && log.durability != Durability.DISK) {
                round.raise(log);
            }
            log.lock.lock();
            try {
                log.durability = config.durability();
                log.extentBytes = config.extentBytes();
            } finally {
                log.lock.unlock();
            }
        } finally {
            round.lock.unlock();
        }
    }

    void truncate(SegmentLog log, long offset) throws IOException {
        log.reshapeLock.lock();
        try {
            truncateAlone(log, offset);
        } finally {
            log.reshapeLock.unlock();
        }
    }

    private void truncateAlone(SegmentLog log, long offset) throws IOException {
        log.requireHealthy();
        round.lock.lock();
        try {
            if (offset >= log.endOffset()) {
                return;
            }
            round.flush();
            log.copyLock.lock();
            try {
                cut(log, Math.max(offset, log.startOffset));
                log.roundBase = Math.min(log.roundBase, log.endOffset());
                log.voidFrom(Long.MAX_VALUE);
            } finally {
                log.copyLock.unlock();
            }
        } catch (IOException failure) {
            log.failure = failure;
            throw failure;
        } finally {
            round.lock.unlock();
        }
    }

    void advanceStart(SegmentLog log, long offset) throws IOException {
        log.reshapeLock.lock();
        try {
            advanceStartAlone(log, offset);
        } finally {
            log.reshapeLock.unlock();
        }
    }

    private void advanceStartAlone(SegmentLog log, long offset) throws IOException {
        round.lock.lock();
        try {
            log.requireHealthy();
            long start = Math.min(offset, log.endOffset());
            if (start <= log.startOffset()) {
                return;
            }
            round.flush();
            log.roundBase = Math.max(log.roundBase, start);
            log.copyLock.lock();
            try {
                control(Frame.START, log, start, NOTHING);
                dropBelow(log, start);
            } finally {
                log.copyLock.unlock();
            }
        } finally {
            round.lock.unlock();
        }
    }

    private void dropBelow(SegmentLog log, long start) throws IOException {
        log.lock.lock();
        try {
            log.startOffset = start;
            if (log.active().endOffset <= start && log.active().size > 0) {
                log.extents.add(new Extent(log.number, start));
            }
        } finally {
            log.lock.unlock();
        }
        while (log.extents.getFirst() != log.active()
                && log.extents.getFirst().endOffset <= start) {
            truncation.drop(log, 0);
        }
        log.lock.lock();
        try {
            log.recountOverlay();
        } finally {
            log.lock.unlock();
        }
    }

    void replace(SegmentLog log, long from, long to, List<ByteBuffer> batches) throws IOException {
        LogReplacement.check(log, from, to, batches);
        log.reshapeLock.lock();
        try {
            if (from < to) {
                replacement.replace(log, settle(log, from, to), from, to, batches);
            }
        } finally {
            log.reshapeLock.unlock();
        }
    }

    /** The extents of a range, which from now on neither grow nor have anything staged. */
    private List<Extent> settle(SegmentLog log, long from, long to) throws IOException {
        round.lock.lock();
        try {
            log.requireHealthy();
            long forced = log.inRound ? log.roundBase : log.endOffset();
            long first = log.firstOffset();
            if (from < first || to > forced) {
                throw new IllegalArgumentException(
                        "log "
                                + log.name()
                                + " has "
                                + first
                                + " to "
                                + forced
                                + " forced; "
                                + from
                                + " to "
                                + to
                                + " cannot be replaced");
            }
            round.flush();
            List<Extent> affected = LogReplacement.affected(log, from, to);
            log.roll(affected.getLast());
            return affected;
        } finally {
            round.lock.unlock();
        }
    }

    void closeLog(SegmentLog log) throws IOException {
        log.reshapeLock.lock();
        try {
            closeAlone(log);
        } finally {
            log.reshapeLock.unlock();
        }
    }

    private void closeAlone(SegmentLog log) throws IOException {
        round.lock.lock();
        try {
            if (log.failure == null && !closed) {
                round.flush();
            }
        } finally {
            log.open = false;
            round.lock.unlock();
        }
    }

    @Override
    public void deleteLog(LogId id) throws IOException {
        round.lock.lock();
        try {
            SegmentLog log = logs.get(id);
            if (log == null) {
                return;
            }
            if (log.open) {
                throw new IllegalStateException("log " + id + " is open and cannot be deleted");
            }
            log.copyLock.lock(); // nothing reshapes a closed log
            try {
                control(Frame.DELETE, log, 0, NOTHING);
                round.leave(log);
                logs.remove(id);
                log.delete();
                if (log.broken != null) {
                    truncation.deleteAll(log.number);
                }
                while (!log.extents.isEmpty()) {
                    truncation.drop(log, log.extents.size() - 1);
                }
                var ignored = truncation.unnameReplaced(log);
            } finally {
                log.copyLock.unlock();
            }
        } finally {
            round.lock.unlock();
        }
    }

    /**
     * Writes a frame and forces it. If that fails, so has the round, whose frames are in the same
     * file; and nobody knows whether a restart would find the frame: so the log must be opened
     * anew, which voids it. Under the round lock.
     */
    private void control(byte type, SegmentLog log, long base, ByteBuffer payload)
            throws IOException {
        try {
            commit.control(type, log.number, base, payload);
            ahead.look();
        } catch (IOException failure) {
            log.failure = failure;
            round.failAll(failure);
            throw failure;
        }
    }

    /**
     * All logs as they are now; from here on the caller may release commit files before the given
     * one.
     */
    Checkpoint checkpoint() throws IOException {
        round.lock.lock();
        try {
            forceNames();
            packs.noteUnneeded();
            var entries = logs.values().stream().map(SegmentLog::checkpoint).toList();
            return new Checkpoint(
                    commit.firstNeeded(),
                    commit.currentNumber(),
                    commit.forcedEnd(),
                    nextLogNumber,
                    entries);
        } finally {
            round.lock.unlock();
        }
    }

    /**
     * Where forcing the names failed after an extent was replaced by a sealed copy, the frames that
     * its old file needs must not go before the name is durable; nor where a file was deleted,
     * which may come back.
     */
    private void forceNames() throws IOException {
        if (!truncation.namesForced()) {
            truncation.forceNames();
        }
        for (SegmentLog log : logs.values()) {
            if (log.hasUnforcedName()) {
                truncation.forceNames(log);
            }
        }
    }

    void release(Checkpoint checkpoint) {
        List<CommitFile> gone;
        round.lock.lock();
        try {
            gone = commit.release(checkpoint.firstCommitFile());
        } finally {
            round.lock.unlock();
        }
        ahead.delete(gone);
    }

    /** Closes files of the log that nobody has wanted for a while. */
    void rest(SegmentLog log) throws IOException {
        if (log.isIdle()) {
            round.lock.lock(); // the writer has files in its hands that it does not retain
            try {
                log.restGrowing();
            } finally {
                round.lock.unlock();
            }
        }
        log.rest();
    }

    /** The commit file that should be copied out, if the commit log is over its size. */
    @Nullable CommitFile toDrain() {
        round.lock.lock();
        try {
            return commit.full() ? commit.oldest() : null;
        } finally {
            round.lock.unlock();
        }
    }

    @Override
    public List<StorageProblem> check() throws IOException {
        var check = new LogCheck(reader);
        for (SegmentLog log : logs.values()) {
            check.check(log);
        }
        damage.all().stream()
                .filter(problem -> problem.log() == null)
                .forEach(check.problems()::add);
        return List.copyOf(check.problems());
    }

    @Override
    public void close() throws IOException {
        background.stop();
        ahead.stop();
        round.lock.lock();
        try {
            if (!closed) {
                finish();
            }
        } finally {
            if (!closed) {
                closed = true;
                release();
            }
            round.lock.unlock();
        }
    }

    private void finish() throws IOException {
        round.force();
        background.finish();
        ahead.delete(commit.unused());
        for (SegmentLog log : logs.values()) {
            for (Extent extent : log.extents) {
                extent.trim();
            }
        }
    }

    private void release() {
        for (SegmentLog log : logs.values()) {
            log.extents.forEach(Extent::closeFile);
        }
        commit.close();
        packs.close();
        directoryLock.close();
    }
}
