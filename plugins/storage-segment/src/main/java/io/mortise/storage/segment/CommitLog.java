// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.FileType;
import io.mortise.storage.segment.file.Frame;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/**
 * The files that small DISK rounds of all logs share. The last one grows; after a failed write or
 * force it is given up where it was last forced. The next one is made ahead by {@link RoomAhead},
 * of one that is no longer needed where there is one, so that a round finds its room written and
 * forced; where none is ready the file grows, or one is made, in small steps. Guarded by the
 * engine's round lock.
 */
final class CommitLog {
    private static final long FIRST_ALLOCATION = 256 << 10;
    private static final int GREATEST_COUNT = 16;
    private static final int GREATEST_SPARE_COUNT = 2;
    private static final long GREATEST_STEP = 1 << 20;

    /** What the first frame of a file takes at most. */
    private static final int BEGIN_ROOM = 4 << 10;

    private final FileLayer files;
    private final RandomGenerator random;
    private final Settings settings;
    private final EngineMetrics metrics;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(16);
    private final ArrayDeque<CommitFile> old = new ArrayDeque<>();

    /** No longer needed; still there under their names, which a restart passes over. */
    private final ArrayDeque<CommitFile> spare = new ArrayDeque<>();

    private @Nullable CommitFile current;

    /** Of the file that grows, until it is written with the first frames. */
    private @Nullable ByteBuffer begin;

    private @Nullable CommitFile ready;
    private long readyBytes;
    private boolean making;
    private long oldBytes;
    private long nextNumber = 1;

    /** Files with smaller numbers must not be written to any more. */
    private long leastNext = 1;

    private long end;
    private long forcedEnd;

    /** What the last force made durable. */
    private long roundBytes;

    private long allocated;
    private boolean failed;

    /** After one could not be made none is asked for before so much is written. */
    private long notBefore;

    private volatile boolean nextWanted;

    CommitLog(FileLayer files, RandomGenerator random, Settings settings, EngineMetrics metrics) {
        this.files = files;
        this.random = random;
        this.settings = settings;
        this.metrics = metrics;
    }

    /** Takes over a file found at start, after those with smaller numbers. */
    void adopt(CommitFile file, long validEnd) {
        file.end = validEnd;
        old.add(file);
        oldBytes += validEnd;
        skipTo(file.number() + 1);
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
            grown(at);
            metrics.commitBytes().add(bytes);
        } catch (IOException failure) {
            failed = true;
            throw failure;
        }
    }

    private void put(CommitFile file, ByteBuffer[] frames) throws IOException {
        ByteBuffer first = begin;
        StorageFile target = file.shared().file();
        if (first != null) {
            var all = new ByteBuffer[frames.length + 1];
            all[0] = first;
            System.arraycopy(frames, 0, all, 1, frames.length);
            target.write(all, CommitFile.FIRST_FRAME);
            begin = null;
        } else if (frames.length == 1) {
            target.write(frames[0], end);
        } else {
            target.write(frames, end);
        }
    }

    private void grown(long to) {
        end = to;
        nextWanted = ready == null && !making && end > allocated / 2 && end >= notBefore;
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
            put(file, new ByteBuffer[] {frame});
            grown(end + frame.capacity());
        } catch (IOException failure) {
            failed = true;
            throw failure;
        }
    }

    /** Makes all frames durable. */
    void force() throws IOException {
        if (current == null || failed || begin != null || end == forcedEnd) {
            return;
        }
        try {
            current.shared().file().force();
            metrics.forces().add(1);
            roundBytes = end - forcedEnd;
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

    /**
     * The first file that some log still needs; the one that grows, or would be next, if none does.
     * From here on none before it is written to.
     */
    long firstNeeded() {
        long first =
                current != null ? current.number() : ready != null ? ready.number() : nextNumber;
        for (CommitFile file : old) {
            if (file.liveFrames.get() > 0) {
                first = Math.min(first, file.number());
                break;
            }
        }
        leastNext = Math.max(leastNext, first);
        return first;
    }

    /** The number of the file that grows, 0 if there is none. */
    long currentNumber() {
        return current == null ? 0 : current.number();
    }

    /** Up to where the file that grows is durable. */
    long forcedEnd() {
        return current == null ? 0 : forcedEnd;
    }

    /**
     * Lets go of the files before {@code first}: a checkpoint that does not need them is durable.
     * Some are kept to be used again; the caller deletes the others.
     */
    List<CommitFile> release(long first) {
        var gone = new ArrayList<CommitFile>();
        while (!old.isEmpty() && old.peek().number() < first) {
            CommitFile file = old.remove();
            oldBytes -= file.end;
            boolean again =
                    spare.size() < GREATEST_SPARE_COUNT
                            && file.shared().unshared()
                            && !file.failed
                            && current != null
                            && allocated >= settings.commitFileBytes();
            (again ? spare : gone).add(file);
        }
        return gone;
    }

    /** Whether the next file should be made now. Any thread. */
    boolean nextWanted() {
        return nextWanted;
    }

    /** What the next file is to be: of this one, or if there is none a new one. */
    record Order(long number, long salt, long bytes, @Nullable CommitFile of) {}

    /** Has the caller make the next file and {@link #offer} it; null if none is wanted. */
    @Nullable Order order() {
        if (!nextWanted) {
            return null;
        }
        nextWanted = false;
        making = true;
        long bytes =
                Math.min(settings.commitFileBytes(), Math.max(allocated, FIRST_ALLOCATION) * 2);
        long number = nextNumber++;
        return new Order(number, salt(number), bytes, spare.poll());
    }

    /** Takes what was ordered, null if it could not be made; returns what was of no use. */
    @Nullable CommitFile offer(@Nullable CommitFile made, long bytes) {
        making = false;
        if (made == null) {
            notBefore = end + GREATEST_STEP;
        }
        if (made == null || made.number() < leastNext || ready != null) {
            return made;
        }
        ready = made;
        readyBytes = bytes;
        return null;
    }

    /** All files that hold nothing; the caller deletes them. Nothing is written after this. */
    List<CommitFile> unused() {
        var unused = new ArrayList<>(spare);
        spare.clear();
        if (ready != null) {
            unused.add(ready);
            ready = null;
        }
        return unused;
    }

    void close() {
        if (current != null) {
            current.shared().release();
        }
        old.forEach(file -> file.shared().release());
        unused().forEach(file -> file.shared().release());
    }

    private CommitFile fileFor(long bytes) throws IOException {
        CommitFile file = current;
        boolean full = end + bytes > settings.commitFileBytes() && end > FileType.HEADER;
        boolean moves = readyBytes(bytes) && (end + bytes > allocated || endsWithin());
        if (file == null || failed || full || moves) {
            file = next(bytes);
        }
        if (end + bytes > allocated) {
            allocated = Math.max(end + bytes, allocated + Math.min(allocated, GREATEST_STEP));
            file.shared().file().allocate(allocated);
        }
        return file;
    }

    /** Of no other file, whatever the source of randomness gave in a former life. */
    private long salt(long number) {
        return random.nextLong() ^ (number * 0x9E3779B97F4A7C15L);
    }

    /**
     * Whether a round that begins now would end in the next file if it is as large as the last:
     * then it begins there, because where it goes on from one to the other both must be forced.
     */
    private boolean endsWithin() {
        return end == forcedEnd && begin == null && end + roundBytes > allocated;
    }

    private boolean readyBytes(long bytes) {
        return ready != null && readyBytes >= FileType.HEADER + BEGIN_ROOM + bytes;
    }

    private CommitFile next(long bytes) throws IOException {
        if (current != null) {
            finish(current);
        }
        CommitFile file = ready;
        if (file != null) {
            allocated = readyBytes;
            ready = null;
        } else {
            long needed = CommitFile.FIRST_FRAME + BEGIN_ROOM + bytes;
            allocated = Math.max(Math.min(FIRST_ALLOCATION, settings.commitFileBytes()), needed);
            file = CommitFile.create(files, nextNumber, salt(nextNumber), allocated);
            nextNumber++;
        }
        leastNext = file.number() + 1;
        current = file;
        failed = false;
        notBefore = 0;
        begin = file.begin(old, crc, scratch);
        end = CommitFile.FIRST_FRAME + begin.remaining();
        forcedEnd = CommitFile.FIRST_FRAME;
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
        file.failed = failed;
        file.end = failed ? forcedEnd : end;
        old.add(file);
        oldBytes += file.end;
        current = null;
    }
}
