// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.FileType;
import io.mortise.storage.segment.file.Frame;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/**
 * The files that small DISK rounds of all logs share. The last one grows; after a failed write or
 * force it is given up where it was last forced, and the next frame opens another. Guarded by the
 * engine's round lock.
 */
final class CommitLog {
    private static final long FIRST_ALLOCATION = 256 << 10;
    private static final int GREATEST_COUNT = 8;
    private static final long GREATEST_STEP = 4 << 20;

    private final FileLayer files;
    private final RandomGenerator random;
    private final Settings settings;
    private final EngineMetrics metrics;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(16);
    private final ArrayDeque<CommitFile> old = new ArrayDeque<>();
    private @Nullable CommitFile current;
    private long oldBytes;
    private long previousEnd = -1;
    private long nextNumber = 1;
    private long end;
    private long forcedEnd;
    private long allocated;
    private boolean failed;

    CommitLog(FileLayer files, RandomGenerator random, Settings settings, EngineMetrics metrics) {
        this.files = files;
        this.random = random;
        this.settings = settings;
        this.metrics = metrics;
    }

    /** Takes over a file found at start, after those with smaller numbers. */
    void adopt(CommitFile file, long validEnd) {
        old.add(file);
        oldBytes += validEnd;
        previousEnd = validEnd;
        nextNumber = file.number() + 1;
    }

    /** Numbers below this one were given. */
    void skipTo(long number) {
        nextNumber = Math.max(nextNumber, number);
    }

    /** Writes one frame for each chunk and notes in the chunk where it lies. */
    void write(List<Chunk> chunks) throws IOException {
        long bytes = 0;
        for (Chunk chunk : chunks) {
            bytes += Frame.SIZE + chunk.length;
        }
        try {
            CommitFile file = fileFor(bytes);
            ByteBuffer[] frames = new ByteBuffer[chunks.size()];
            long at = end;
            for (int i = 0; i < frames.length; i++) {
                Chunk chunk = chunks.get(i);
                frames[i] = chunk.buffer;
                chunk.file = file;
                chunk.filePosition = at + Frame.SIZE;
                Frame.finish(chunk.buffer.clear(), file.salt(), at, forcedEnd, crc, scratch);
                at += Frame.SIZE + chunk.length;
            }
            put(file, frames);
            end = at;
            metrics.commitBytes().add(bytes);
        } catch (IOException failure) {
            failed = true;
            throw failure;
        }
    }

    private static void put(CommitFile file, ByteBuffer[] frames, long at) throws IOException {
        if (frames.length == 1) {
            file.shared().file().write(frames[0], at);
        } else {
            file.shared().file().write(frames, at);
        }
    }

    private void put(CommitFile file, ByteBuffer[] frames) throws IOException {
        put(file, frames, end);
    }

    /** Writes one frame that is no data, and forces. */
    void control(byte type, long log, long base, ByteBuffer payload) throws IOException {
        write(type, log, base, payload);
        force();
    }

    /** Writes one frame that is no data. */
    void write(byte type, long log, long base, ByteBuffer payload) throws IOException {
        try {
            ByteBuffer frame = ByteBuffer.allocate(Frame.SIZE + payload.remaining());
            CommitFile file = fileFor(frame.capacity());
            Frame.describe(frame, payload.remaining(), type, 0, log, base, base);
            frame.put(Frame.SIZE, payload, payload.position(), payload.remaining());
            Frame.finish(frame, file.salt(), end, forcedEnd, crc, scratch);
            file.shared().file().write(frame, end);
            end += frame.capacity();
        } catch (IOException failure) {
            failed = true;
            throw failure;
        }
    }

    /** Makes all frames durable. */
    void force() throws IOException {
        if (current == null || failed || end == forcedEnd) {
            return;
        }
        try {
            current.shared().file().force();
            metrics.forces().add(1);
            forcedEnd = end;
        } catch (IOException failure) {
            failed = true;
            throw failure;
        }
    }

    /** Whether copying lags so far behind that small rounds must go to own files too. */
    boolean overfull() {
        return bytes() > settings.commitLogBytes() * 4;
    }

    /** Whether its oldest file should be copied out. */
    boolean full() {
        return !old.isEmpty()
                && (bytes() > settings.commitLogBytes() || old.size() > GREATEST_COUNT);
    }

    long bytes() {
        return oldBytes + (current == null ? 0 : end);
    }

    /** The file that would be released next, if it is not the one that grows. */
    @Nullable CommitFile oldest() {
        return old.peek();
    }

    /** The first file that some log still needs; the one that grows if none does. */
    long firstNeeded() {
        for (CommitFile file : old) {
            if (file.liveFrames.get() > 0) {
                return file.number();
            }
        }
        return current == null ? nextNumber : current.number();
    }

    /** The number of the file that grows, 0 if there is none. */
    long currentNumber() {
        return current == null ? 0 : current.number();
    }

    /** Up to where the file that grows is durable. */
    long forcedEnd() {
        return current == null ? 0 : forcedEnd;
    }

    /** Deletes the files before {@code first}: a checkpoint that does not need them is durable. */
    void release(long first) throws IOException {
        boolean any = false;
        while (!old.isEmpty() && old.peek().number() < first) {
            CommitFile file = old.remove();
            files.delete(CommitFile.path(file.number()));
            file.shared().release();
            any = true;
        }
        if (any) {
            oldBytes = 0;
            for (CommitFile file : old) {
                oldBytes += file.shared().file().size();
            }
            files.forceDirectory(CommitFile.DIRECTORY);
        }
    }

    void close() {
        if (current != null) {
            current.shared().release();
        }
        old.forEach(file -> file.shared().release());
    }

    private CommitFile fileFor(long bytes) throws IOException {
        CommitFile file = current;
        if (file == null
                || failed
                || (end + bytes > settings.commitFileBytes() && end > FileType.HEADER)) {
            file = next(bytes);
        }
        if (end + bytes > allocated) {
            allocated = Math.max(end + bytes, allocated + Math.min(allocated, GREATEST_STEP));
            file.shared().file().allocate(allocated);
        }
        return file;
    }

    private CommitFile next(long bytes) throws IOException {
        if (current != null) {
            finish(current);
        }
        long first =
                Math.max(
                        Math.min(FIRST_ALLOCATION, settings.commitFileBytes()),
                        FileType.HEADER + bytes);
        CommitFile file =
                CommitFile.create(files, nextNumber, random.nextLong(), previousEnd, first);
        nextNumber++;
        current = file;
        failed = false;
        allocated = first;
        end = FileType.HEADER;
        forcedEnd = end;
        return file;
    }

    /**
     * What the next file says of this one's end is durable with that file: so the bytes must be
     * durable before.
     */
    private void finish(CommitFile file) throws IOException {
        if (!failed && end > forcedEnd) {
            file.shared().file().force();
            metrics.forces().add(1);
        }
        previousEnd = failed ? forcedEnd : end;
        old.add(file);
        oldBytes += previousEnd;
        current = null;
    }
}
