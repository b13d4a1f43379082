// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.Durability;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.storage.segment.Overlay.Piece;
import io.mortise.storage.segment.file.ExtentFile;
import io.mortise.storage.segment.file.Frame;
import io.mortise.storage.segment.file.Mark;
import io.mortise.storage.segment.file.SharedFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * What the writer gathers between two forces: which logs have appended, what is staged, what is
 * written and not yet forced. {@link #lock} is the engine's round lock: whoever changes a log
 * otherwise takes it too, so such a change falls between writes.
 */
final class Round {
    final ReentrantLock lock;

    private final FileLayer files;
    private final Settings settings;
    private final EngineMetrics metrics;
    private final CommitLog commit;
    private final StagingPool pool;
    private final DiskReserve reserve;

    /** Own bytes written since {@link #ownBytes} was asked. Under the lock. */
    private long ownBytes;

    /** Logs that have appended since their last flush or force, whichever their level asks for. */
    private final ArrayList<SegmentLog> logs = new ArrayList<>();

    /** Logs whose level was raised to DISK while they had bytes that are not forced. */
    private final ArrayList<SegmentLog> raised = new ArrayList<>();

    private final ArrayList<Chunk> frames = new ArrayList<>();

    /** Own bytes that no mark tells of yet. */
    private final ArrayList<Unmarked> unmarked = new ArrayList<>();

    private final Consumer<SegmentLog> ended;
    private final Consumer<SegmentLog> cramped;

    private record Unmarked(SegmentLog log, Extent extent) {}

    /**
     * Begins.
     *
     * @param ended told of each log whose round is over
     * @param cramped told of each log whose own file needs more room soon
     */
    Round(
            ReentrantLock lock,
            FileLayer files,
            Settings settings,
            EngineMetrics metrics,
            CommitLog commit,
            Consumer<SegmentLog> ended,
            Consumer<SegmentLog> cramped) {
        this.lock = lock;
        this.ended = ended;
        this.cramped = cramped;
        this.files = files;
        this.settings = settings;
        this.metrics = metrics;
        this.commit = commit;
        this.reserve = new DiskReserve(files, settings.reserveBytes());
        this.pool = new StagingPool(settings.ownRoundBytes(), settings.stagingBytes());
    }

    /** Appends to a log. Writer thread. */
    void append(SegmentLog log, int epoch, long base, long end, ByteBuffer batches)
            throws IOException {
        log.requireHealthy();
        int bytes = batches.remaining();
        enlist(log);
        requireRoom(log, bytes);
        if (pool.full()) {
            flush(); // fails this log too if it fails
            enlist(log);
        }
        if (bytes >= settings.ownRoundBytes()) {
            appendOwn(log, epoch, base, end, batches);
        } else {
            log.lock.lock();
            try {
                log.check(epoch, base, end, batches);
                log.stage(batches, epoch, end, pool);
            } finally {
                log.lock.unlock();
            }
        }
        metrics.appendedBytes().add(bytes);
    }

    private void requireRoom(SegmentLog log, int bytes) throws IOException {
        try {
            reserve.require(log, bytes);
        } catch (IOException full) {
            // What was taken before is kept: nothing has to be cut and copied for lack of room.
            force();
            throw full;
        }
    }

    /** Own bytes written since this was asked last. */
    long takeOwnBytes() {
        lock.lock();
        try {
            long taken = ownBytes;
            ownBytes = 0;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void enlist(SegmentLog log) {
        if (log.inRound) {
            return;
        }
        lock.lock();
        try {
            log.roundBase = log.endOffset();
            log.roundBytes = 0;
            log.roundOwn = false;
            log.inRound = true;
            logs.add(log);
        } finally {
            lock.unlock();
        }
    }

    /** Large appends are not copied: they are written from the caller's buffer. */
    private void appendOwn(SegmentLog log, int epoch, long base, long end, ByteBuffer batches)
            throws IOException {
        lock.lock();
        try {
            Extent extent;
            int position;
            log.lock.lock();
            try {
                log.check(epoch, base, end, batches);
            } finally {
                log.lock.unlock();
            }
            log.roundOwn = true;
            flush(log);
            log.lock.lock();
            try {
                extent = log.extentFor(batches.remaining());
                position = extent.size;
                extent.noteEpochs(batches, position); // a mark may tell of them from now on
            } finally {
                log.lock.unlock();
            }
            int to = position + batches.remaining();
            writeOwn(log, extent, new ByteBuffer[] {batches.duplicate()}, position, to);
            log.lock.lock();
            try {
                log.appended(extent, batches, epoch, end);
                log.wrote(extent, to);
            } finally {
                log.lock.unlock();
            }
        } catch (IOException failure) {
            fail(failure);
            throw failure;
        } finally {
            lock.unlock();
        }
    }

    /** Writes everything that is staged. A round of logs that ask for less than DISK ends here. */
    void flush() throws IOException {
        lock.lock();
        try {
            requireHealthy(logs);
            writeStaged(logs);
            writeMarks();
            logs.removeIf(log -> log.durability != Durability.DISK && end(log));
        } catch (IOException failure) {
            fail(failure);
            throw failure;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A log that failed in the background has lost what it had in this round: the round cannot
     * succeed.
     */
    private static void requireHealthy(List<SegmentLog> round) throws IOException {
        for (int i = 0; i < round.size(); i++) {
            round.get(i).requireHealthy();
        }
    }

    /** Writes what one log has staged. Under the round lock. */
    void flush(SegmentLog log) throws IOException {
        if (!log.staged.isEmpty()) {
            writeStaged(List.of(log));
        }
    }

    /** Makes everything appended to logs of level DISK durable, which ends their round. */
    void force() throws IOException {
        lock.lock();
        try {
            flush();
            requireHealthy(raised);
            commit.force();
            boolean names = false;
            for (SegmentLog log : logs) {
                names |= forceOwn(log);
            }
            for (SegmentLog log : raised) {
                names |= forceOwn(log);
            }
            if (names) {
                files.forceDirectory(ExtentFile.DIRECTORY);
            }
            logs.forEach(Round::named);
            raised.forEach(Round::named);
            logs.forEach(this::end);
            logs.clear();
            raised.clear();
        } catch (IOException failure) {
            fail(failure);
            throw failure;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes durable what the log wrote when it asked for less, before a frame of it can be. Under
     * the round lock.
     */
    void raise(SegmentLog log) throws IOException {
        flush();
        raised.add(log);
        force();
    }

    /** Takes a log out, written or not, with what it has staged. Under the round lock. */
    void leave(SegmentLog log) {
        logs.remove(log);
        raised.remove(log);
        unmarked.removeIf(each -> each.log == log);
        log.inRound = false;
        log.lock.lock();
        try {
            log.dropStaged(pool);
        } finally {
            log.lock.unlock();
        }
    }

    private boolean end(SegmentLog log) {
        log.inRound = false;
        ended.accept(log);
        return true;
    }

    private void writeStaged(List<SegmentLog> from) throws IOException {
        frames.clear();
        for (SegmentLog log : from) {
            if (log.staged.isEmpty()) {
                continue;
            }
            if (goesToOwn(log)) {
                writeOwn(log);
            } else {
                describe(log);
            }
        }
        if (!frames.isEmpty()) {
            commit.write(frames);
        }
        for (SegmentLog log : from) {
            written(log);
        }
    }

    private boolean goesToOwn(SegmentLog log) {
        return log.durability != Durability.DISK
                || log.roundOwn
                || log.roundBytes >= settings.ownRoundBytes()
                || commit.overfull();
    }

    private void describe(SegmentLog log) {
        for (Chunk chunk : log.staged) {
            Frame.describe(
                    chunk.buffer,
                    chunk.length,
                    Frame.DATA,
                    chunk.epoch,
                    log.number,
                    chunk.base,
                    chunk.end);
            frames.add(chunk);
        }
    }

    private void writeOwn(SegmentLog log) throws IOException {
        log.roundOwn = true;
        List<Chunk> staged = log.staged;
        for (int from = 0; from < staged.size(); ) {
            Extent extent = staged.get(from).extent;
            int to = from + 1;
            while (to < staged.size() && staged.get(to).extent == extent) {
                to++;
            }
            if (extent != null) {
                writeOwn(log, extent, staged.subList(from, to));
            }
            from = to;
        }
    }

    /** All chunks of one extent, which follow each other, in one write. */
    private void writeOwn(SegmentLog log, Extent extent, List<Chunk> chunks) throws IOException {
        var payloads = new ByteBuffer[chunks.size()];
        for (int i = 0; i < payloads.length; i++) {
            payloads[i] = chunks.get(i).payload();
        }
        Chunk last = chunks.getLast();
        writeOwn(log, extent, payloads, chunks.getFirst().position, last.position + last.length);
    }

    /** Writes to an extent's own file; {@code log.wrote} is up to the caller. */
    private void writeOwn(
            SegmentLog log, Extent extent, ByteBuffer[] payloads, int position, int to)
            throws IOException {
        SharedFile shared;
        log.lock.lock();
        try {
            shared = extent.open(files);
            extent.touchedEnd = Math.max(extent.touchedEnd, to);
            // Rounds of level DISK are durable before the next one begins.
            extent.follows |=
                    log.durability == Durability.DISK && log.roundBase >= extent.baseOffset();
        } finally {
            log.lock.unlock();
        }
        StorageFile file = shared.file();
        if (log.durability == Durability.DISK) {
            extent.allocate(file, to, log.extentBytes);
            if (extent.cramped(log.extentBytes)) {
                cramped.accept(log);
            }
        }
        metrics.ownBytes().add(to - position);
        ownBytes += to - position;
        if (extent.spanBreaksAt(position)) {
            forceSpan(log, extent, file);
        }
        log.lock.lock();
        try {
            if (extent.span(payloads, position, to)) {
                unmarked.add(new Unmarked(log, extent));
            }
        } finally {
            log.lock.unlock();
        }
        if (payloads.length == 1) {
            file.write(payloads[0], (long) ExtentFile.DATA + position);
        } else {
            file.write(payloads, (long) ExtentFile.DATA + position);
        }
    }

    /** A mark tells of one run of bytes: those before a gap must be durable first. */
    private void forceSpan(SegmentLog log, Extent extent, StorageFile file) throws IOException {
        writeMarks();
        file.force();
        metrics.forces().add(1);
        log.lock.lock();
        try {
            extent.spanForced();
        } finally {
            log.lock.unlock();
        }
    }

    /** Has the files say what was written to them, so that a restart believes it. */
    private void writeMarks() throws IOException {
        for (int i = 0; i < unmarked.size(); i++) {
            Unmarked next = unmarked.get(i);
            StorageFile file;
            Mark mark;
            next.log.lock.lock();
            try {
                file = next.extent.open(files).file();
                mark = next.extent.pendingMark();
            } finally {
                next.log.lock.unlock();
            }
            if (mark != null) {
                mark.write(file, next.extent.name);
            }
        }
        unmarked.clear();
    }

    /** What was staged is in a file now. */
    private void written(SegmentLog log) {
        log.lock.lock();
        try {
            for (Chunk chunk : log.staged) {
                Extent extent = chunk.extent;
                var file = chunk.file;
                if (extent != null && file != null) {
                    log.overlaid(
                            extent,
                            new Piece(
                                    chunk.position,
                                    chunk.length,
                                    chunk.base,
                                    chunk.end,
                                    file,
                                    chunk.filePosition));
                } else if (extent != null) {
                    log.wrote(extent, chunk.position + chunk.length);
                }
            }
            log.dropStaged(pool);
        } finally {
            log.lock.unlock();
        }
    }

    /** Forces own files; returns whether a new one's name must be forced too. */
    private boolean forceOwn(SegmentLog log) throws IOException {
        if (log.dirty.isEmpty()) {
            return false;
        }
        List<Extent> dirty;
        log.lock.lock();
        try {
            dirty = List.copyOf(log.dirty);
        } finally {
            log.lock.unlock();
        }
        boolean names = false;
        for (Extent extent : dirty) {
            SharedFile file;
            int end;
            log.lock.lock();
            try {
                file = extent.open(files);
                end = extent.writtenEnd;
            } finally {
                log.lock.unlock();
            }
            file.file().force();
            extent.awaitAside();
            log.requireHealthy();
            metrics.forces().add(1);
            log.lock.lock();
            try {
                extent.forced(end);
                extent.settledEnd = Math.max(extent.settledEnd, end);
                names |= !extent.nameForced;
            } finally {
                log.lock.unlock();
            }
        }
        return names;
    }

    private static void named(SegmentLog log) {
        if (log.dirty.isEmpty()) {
            return;
        }
        log.lock.lock();
        try {
            for (int i = log.dirty.size() - 1; i >= 0; i--) {
                Extent extent = log.dirty.get(i);
                if (!extent.dirty()) {
                    extent.nameForced = true;
                    log.dirty.remove(i);
                }
            }
        } finally {
            log.lock.unlock();
        }
    }

    /**
     * Nobody knows what of the round is on the disk: no log of it serves or takes anything until it
     * is opened anew.
     */
    private void fail(IOException cause) {
        for (SegmentLog log : logs) {
            log.failure = cause;
        }
        for (SegmentLog log : raised) {
            log.failure = cause;
        }
        logs.clear();
        raised.clear();
        for (Unmarked each : unmarked) {
            var ignored = each.extent.pendingMark();
        }
        unmarked.clear();
    }

    /**
     * Fails what the round holds because something else on the same disk failed. Under the round
     * lock.
     */
    void failAll(IOException cause) {
        fail(cause);
    }
}
