// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Walks over the batches that lie back to back in a file, reading through a window. One thread at a
 * time.
 */
public final class BatchWalk {
    private static final int WINDOW = 64 << 10;

    private final ByteBuffer window;
    private final CRC32C crc = new CRC32C();
    private StorageFile file;
    private long fileStart;
    private int bound = Integer.MAX_VALUE;
    private long windowStart;
    private int position;
    private long offset;
    private int size;
    private long lastOffset;
    private long maxTimestamp;
    private int batchCrc;
    private int leaderEpoch;

    /**
     * Begins at {@code position} bytes past {@code fileStart}, where a batch with base {@code
     * offset} should lie.
     */
    public BatchWalk(StorageFile file, long fileStart, int position, long offset) {
        this(file, ByteBuffer.allocate(WINDOW));
        restart(file, fileStart, position, offset);
    }

    private BatchWalk(StorageFile file, ByteBuffer window) {
        this.file = file;
        this.window = window;
    }

    /**
     * One that is kept and {@link #restart restarted}: its window is memory that files are read
     * into without a copy.
     */
    public static BatchWalk kept(StorageFile first) {
        return new BatchWalk(first, ByteBuffer.allocateDirect(WINDOW));
    }

    /** Begins anew elsewhere. */
    public void restart(StorageFile newFile, long newFileStart, int newPosition, long newOffset) {
        file = newFile;
        fileStart = newFileStart;
        window.limit(0);
        windowStart = 0;
        bound = Integer.MAX_VALUE;
        jump(newPosition, newOffset);
    }

    /** Reads nothing at or past that position, until restarted, but what it is asked for. */
    public void bound(int end) {
        bound = end;
    }

    /** Goes on at a known boundary of the same file. */
    public void jump(int newPosition, long newOffset) {
        position = newPosition;
        offset = newOffset;
        size = 0;
    }

    /** Where the walk stands, a boundary between batches. */
    public int position() {
        return position;
    }

    /** Base offset that the batch here must have. */
    public long offset() {
        return offset;
    }

    /** Bytes of the batch here, after {@link #peek} was true. */
    public int size() {
        return size;
    }

    /** Last offset of the batch here, after {@link #peek} was true. */
    public long lastOffset() {
        return lastOffset;
    }

    /** Leader epoch of the batch here, after {@link #peek} was true. */
    public int leaderEpoch() {
        return leaderEpoch;
    }

    /** Greatest timestamp of the batch here, after {@link #peek} was true. */
    public long maxTimestamp() {
        return maxTimestamp;
    }

    /** Whether a sane header of the expected batch lies here and the batch ends by {@code end}. */
    public boolean peek(int end) throws IOException {
        if (end - position < BatchHeader.SIZE || !load(position, BatchHeader.SIZE)) {
            return false;
        }
        int at = at();
        size = BatchHeader.sizeInBytes(window, at);
        lastOffset = BatchHeader.lastOffset(window, at);
        maxTimestamp = BatchHeader.maxTimestamp(window, at);
        batchCrc = BatchHeader.crc(window, at);
        leaderEpoch = BatchHeader.leaderEpoch(window, at);
        return size >= BatchHeader.SIZE
                && size <= end - position
                && BatchHeader.magic(window, at) == 2
                && BatchHeader.baseOffset(window, at) == offset
                && lastOffset >= offset;
    }

    /**
     * As {@link #peek}, of a file with gaps: the batch may begin past the offset where it is
     * expected, which is then moved there.
     */
    public boolean peekPastGap(int end) throws IOException {
        if (end - position < BatchHeader.SIZE || !load(position, BatchHeader.SIZE)) {
            return false;
        }
        long found = BatchHeader.baseOffset(window, at());
        if (found < offset) {
            return false;
        }
        long expected = offset;
        offset = found;
        boolean sane = peek(end);
        offset = sane ? found : expected;
        return sane;
    }

    /** Whether the batch here passes its CRC, after {@link #peek} was true. */
    public boolean verify() throws IOException {
        long found = crc(position + BatchHeader.ATTRIBUTES, position + size);
        return found >= 0 && (int) found == batchCrc;
    }

    /** Steps over the batch here, after {@link #peek} was true. */
    public void advance() {
        offset = lastOffset + 1;
        position += size;
    }

    /** CRC-32C of the bytes from {@code from} to {@code to}; -1 if the file ends before. */
    public long crc(int from, int to) throws IOException {
        crc.reset();
        int at = from;
        while (at < to) {
            if (!load(at, 1)) {
                return -1;
            }
            int index = (int) (fileStart + at - windowStart);
            int length = Math.min(to - at, window.limit() - index);
            int end = window.limit();
            crc.update(window.limit(index + length).position(index));
            window.limit(end).position(0);
            at += length;
        }
        return crc.getValue();
    }

    private int at() {
        return (int) (fileStart + position - windowStart);
    }

    /** Makes at least {@code length} bytes from {@code from} on lie in the window. */
    private boolean load(int from, int length) throws IOException {
        long start = fileStart + from;
        if (start >= windowStart && start + length <= windowStart + window.limit()) {
            return true;
        }
        int wanted = Math.max(length, bound - from);
        window.clear().limit(Math.min(wanted, window.capacity()));
        int read = file.read(window, start);
        window.position(0).limit(Math.max(0, read));
        windowStart = start;
        return read >= length;
    }
}
