// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.reference;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Batches of a log in one file, each in a frame: bytes of the batch (4), CRC-32C of log, file,
 * position and batch (4), batch. So a batch that is torn, or lies where another should, or is left
 * from another log, is told from a good one. Beside it lies an index, for those behind a bad frame;
 * without it the frames are read one by one. Guarded by the log's lock.
 */
final class DataFile {
    private static final int FRAME = 8;
    private static final int INDEX_ENTRY = 24;

    /** One batch; {@code length} is -1 for a range in which nothing can be told apart. */
    record Entry(long base, long end, int position, int length) {}

    final long number;
    final long baseOffset;
    final List<Entry> entries = new ArrayList<>();
    long endOffset;
    int fileEnd;
    long sizeBytes;
    long maxTimestampMillis = -1;

    /** What is durable of it. */
    long durableEnd;

    int durableFileEnd;
    private final FileLayer files;
    private final long log;
    private @Nullable StorageFile writer;

    DataFile(FileLayer files, long log, long number, long baseOffset) {
        this.files = files;
        this.log = log;
        this.number = number;
        this.baseOffset = baseOffset;
        endOffset = baseOffset;
        durableEnd = baseOffset;
    }

    static String path(long log, long number) {
        return log + "-" + number + ".data";
    }

    static String indexPath(long log, long number) {
        return log + "-" + number + ".index";
    }

    String path() {
        return path(log, number);
    }

    Manifest.Part part() {
        return new Manifest.Part(number, baseOffset, durableEnd, durableFileEnd);
    }

    void create() throws IOException {
        writer = files.open(path(), OpenMode.CREATE_NEW);
    }

    /** Writes whole batches behind what there is. */
    void append(ByteBuffer batches) throws IOException {
        StorageFile file = writer;
        if (file == null) {
            throw new IllegalStateException("'" + path() + "' is not open to be written");
        }
        var frames = new ArrayList<ByteBuffer>();
        var added = new ArrayList<Entry>();
        int position = fileEnd;
        for (int at = batches.position(); at < batches.limit(); ) {
            int length = BatchHeader.sizeInBytes(batches, at);
            ByteBuffer batch = batches.slice(at, length);
            ByteBuffer head = ByteBuffer.allocate(FRAME);
            frames.add(head.putInt(length).putInt(crc(position, batch)).flip());
            frames.add(batch);
            added.add(entry(batch, position, length));
            maxTimestampMillis = Math.max(maxTimestampMillis, BatchHeader.maxTimestamp(batch, 0));
            position += FRAME + length;
            at += length;
        }
        file.write(frames.toArray(ByteBuffer[]::new), fileEnd);
        entries.addAll(added);
        sizeBytes += batches.remaining();
        fileEnd = position;
        endOffset = added.isEmpty() ? endOffset : added.getLast().end;
    }

    private static Entry entry(ByteBuffer batch, int position, int length) {
        long base = BatchHeader.baseOffset(batch, 0);
        return new Entry(base, BatchHeader.lastOffset(batch, 0) + 1, position, length);
    }

    void force() throws IOException {
        if (writer != null && durableFileEnd < fileEnd) {
            writer.force();
        }
        durableEnd = endOffset;
        durableFileEnd = fileEnd;
    }

    /** No more batches: forces what there is, writes the index. */
    void seal() throws IOException {
        if (writer == null) {
            return;
        }
        force();
        try (StorageFile index = files.open(indexPath(log, number), OpenMode.WRITE)) {
            ByteBuffer out = ByteBuffer.allocate(entries.size() * INDEX_ENTRY + 12);
            entries.forEach(
                    e -> out.putLong(e.base).putLong(e.end).putInt(e.position).putInt(e.length));
            out.putLong(maxTimestampMillis).putInt(crc(fileEnd, out.duplicate().flip()));
            index.truncate(0);
            index.write(out.flip(), 0);
            index.force();
        }
        release();
    }

    void release() throws IOException {
        StorageFile file = writer;
        writer = null;
        if (file != null) {
            file.close();
        }
    }

    void delete() throws IOException {
        release();
        files.delete(path());
        files.delete(indexPath(log, number));
    }

    /** Finds out what an existing file holds, up to {@code limit}. */
    void load(Manifest.Part known, long limit) throws IOException {
        durableEnd = known.endOffset();
        durableFileEnd = known.fileEnd();
        try (StorageFile file = files.open(path(), OpenMode.READ)) {
            if (!loadIndex(known)) {
                scan(file, known.fileEnd(), Long.MAX_VALUE);
                if (fileEnd < known.fileEnd()) {
                    add(new Entry(endOffset, known.endOffset(), fileEnd, -1));
                    fileEnd = known.fileEnd();
                }
            }
            endOffset = known.endOffset();
            scan(file, Integer.MAX_VALUE, limit);
        }
    }

    private void add(Entry entry) {
        entries.add(entry);
        endOffset = entry.end;
        sizeBytes += Math.max(0, entry.length);
    }

    private boolean loadIndex(Manifest.Part known) throws IOException {
        String path = indexPath(log, number);
        if (!files.exists(path)) {
            return false;
        }
        try (StorageFile index = files.open(path, OpenMode.READ)) {
            ByteBuffer in = ByteBuffer.allocate((int) index.size());
            int read = index.read(in, 0);
            boolean good =
                    read >= 12
                            && (read - 12) % INDEX_ENTRY == 0
                            && in.getInt(read - 4)
                                    == crc(
                                            known.fileEnd(),
                                            in.duplicate().position(0).limit(read - 4));
            in.flip();
            while (good && in.remaining() > 12) {
                add(new Entry(in.getLong(), in.getLong(), in.getInt(), in.getInt()));
            }
            maxTimestampMillis = good ? in.getLong() : -1;
            fileEnd = good ? known.fileEnd() : 0;
            return good;
        }
    }

    /** Takes good frames that follow each other. */
    private void scan(StorageFile file, int untilPosition, long limit) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(FRAME + BatchHeader.SIZE);
        while (fileEnd < untilPosition && file.read(head.clear(), fileEnd) == head.capacity()) {
            int length = head.getInt(0);
            if (length < BatchHeader.SIZE || length > file.size() - fileEnd - FRAME) {
                return;
            }
            ByteBuffer batch = ByteBuffer.allocate(length);
            int read = file.read(batch, fileEnd + FRAME);
            batch.flip();
            if (read < length || crc(fileEnd, batch) != head.getInt(4)) {
                return;
            }
            Entry entry = entry(batch, fileEnd, length);
            if (entry.base < endOffset || entry.end > limit) {
                return;
            }
            add(entry);
            maxTimestampMillis = Math.max(maxTimestampMillis, BatchHeader.maxTimestamp(batch, 0));
            fileEnd += FRAME + length;
        }
    }

    /** Reads a batch and checks it. */
    ByteBuffer read(Entry entry, Object logName) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(FRAME + Math.max(0, entry.length));
        try (StorageFile file = files.open(path(), OpenMode.READ)) {
            int read = file.read(frame, entry.position);
            ByteBuffer batch = frame.slice(FRAME, frame.capacity() - FRAME);
            if (entry.length < 0
                    || read < frame.capacity()
                    || frame.getInt(0) != entry.length
                    || frame.getInt(4) != crc(entry.position, batch)) {
                throw new CorruptLogException(
                        "log "
                                + logName
                                + ": the batch at offset "
                                + entry.base
                                + " fails its CRC in file '"
                                + path()
                                + "' at "
                                + entry.position);
            }
            return batch;
        }
    }

    private int crc(int position, ByteBuffer bytes) {
        ByteBuffer salt = ByteBuffer.allocate(20);
        salt.putLong(log).putLong(number).putInt(position).flip();
        var crc = new CRC32C();
        crc.update(salt);
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
