// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.spi.LogId;
import io.mortise.spi.TenantId;
import io.mortise.spi.TopicId;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * All logs of the engine at one moment, and from which commit file on a restart must look.
 *
 * @param firstCommitFile files with smaller numbers hold nothing that is needed
 * @param forcedCommitFile the file that was growing
 * @param forcedCommitEnd up to where that one was durable: a frame before it that fails its CRC is
 *     no torn tail
 * @param nextLogNumber numbers from here on were never given
 */
public record Checkpoint(
        long firstCommitFile,
        long forcedCommitFile,
        long forcedCommitEnd,
        long nextLogNumber,
        List<Entry> entries) {
    private static final String PATH = "checkpoint";
    private static final String COPY = "checkpoint.copy";
    private static final String NEW = ".new";

    /** As it is before the first was written. */
    public static final Checkpoint EMPTY = new Checkpoint(0, 0, 0, 1, List.of());

    /** Is told what is damaged and can be had otherwise. */
    @FunctionalInterface
    public interface Damage {
        void found(String path, String problem);
    }

    public Checkpoint {
        entries = List.copyOf(entries);
    }

    /**
     * One log.
     *
     * @param cut everything before it is durable in the log's own files
     * @param packed what packs hold of it, in order
     */
    public record Entry(long number, LogId id, long startOffset, Cut cut, List<Packed> packed) {
        public Entry {
            packed = List.copyOf(packed);
        }
    }

    /**
     * Batches of a log in a pack.
     *
     * @param position of the first batch in the file
     * @param maxTimestampMillis none of them has a greater one
     */
    public record Packed(
            long pack, long position, int length, long base, long end, long maxTimestampMillis) {
        private static final int SIZE = 8 + 8 + 4 + 8 + 8 + 8;

        private void put(ByteBuffer target) {
            target.putLong(pack).putLong(position).putInt(length);
            target.putLong(base).putLong(end).putLong(maxTimestampMillis);
        }

        private static Packed read(ByteBuffer source) {
            return new Packed(
                    source.getLong(),
                    source.getLong(),
                    source.getInt(),
                    source.getLong(),
                    source.getLong(),
                    source.getLong());
        }
    }

    /**
     * A place in a log.
     *
     * @param extentBase the extent, -1 if the log has none that is durable
     * @param position in it
     * @param offset of the batch there
     * @param maxTimestampMillis in that extent up to there
     */
    public record Cut(long extentBase, int position, long offset, long maxTimestampMillis) {
        /** Nothing is known. */
        public static final Cut NONE = new Cut(-1, 0, -1, -1);
    }

    /** Whether one was ever written, or its copy. */
    public static boolean exists(FileLayer files) throws IOException {
        return files.exists(PATH) || files.exists(COPY);
    }

    /** What is there; an empty one before the first was written. */
    public static Checkpoint read(FileLayer files, Damage damage) throws IOException {
        CorruptLogException first;
        try {
            if (files.exists(PATH)) {
                return read(files, PATH);
            }
            if (!files.exists(COPY)) {
                return EMPTY;
            }
            first = new CorruptLogException("file '" + PATH + "' is gone");
        } catch (CorruptLogException corrupt) {
            first = corrupt;
        }
        Checkpoint copy = copy(files, first);
        damage.found(PATH, first.getMessage() + "; its copy '" + COPY + "' is read instead");
        return copy;
    }

    private static Checkpoint copy(FileLayer files, CorruptLogException first) throws IOException {
        String second;
        try {
            if (files.exists(COPY)) {
                return read(files, COPY);
            }
            second = "there is no copy '" + COPY + "'";
        } catch (CorruptLogException corrupt) {
            second = corrupt.getMessage();
        }
        throw new CorruptLogException(
                first.getMessage()
                        + ", and "
                        + second
                        + ": without them nobody knows which logs there are; nothing was changed;"
                        + " restore the engine's whole directory from a backup, and check the disk",
                PATH,
                -1,
                -1);
    }

    private static Checkpoint read(FileLayer files, String path) throws IOException {
        try (StorageFile file = files.open(path, OpenMode.READ)) {
            ByteBuffer header = FileType.CHECKPOINT.read(file);
            int count = header.getInt(24);
            ByteBuffer body = ByteBuffer.allocate(Math.max(0, header.getInt(28)));
            var ignored = file.read(body, FileType.HEADER);
            if (body.hasRemaining() || crc(body) != header.getInt(32)) {
                throw new CorruptLogException(
                        "file '" + path + "' fails its CRC from position " + FileType.HEADER);
            }
            body.flip();
            var entries = new ArrayList<Entry>(count);
            for (int i = 0; i < count; i++) {
                entries.add(entry(body));
            }
            return new Checkpoint(
                    header.getLong(8),
                    header.getLong(36),
                    header.getLong(44),
                    header.getLong(16),
                    entries);
        }
    }

    /** Replaces what is there, and its copy; durable when this returns. */
    public void write(FileLayer files) throws IOException {
        ByteBuffer body = body();
        ByteBuffer header = FileType.CHECKPOINT.header();
        header.putLong(8, firstCommitFile).putLong(16, nextLogNumber);
        header.putInt(24, entries.size()).putInt(28, body.remaining()).putInt(32, crc(body));
        header.putLong(36, forcedCommitFile).putLong(44, forcedCommitEnd);
        FileType.finished(header);
        write(files, PATH + NEW, header, body);
        write(files, COPY + NEW, header, body);
        files.rename(PATH + NEW, PATH);
        files.rename(COPY + NEW, COPY);
        files.forceDirectory("");
    }

    private static void write(FileLayer files, String path, ByteBuffer header, ByteBuffer body)
            throws IOException {
        try (StorageFile file = files.open(path, OpenMode.WRITE)) {
            file.truncate(0);
            file.write(header.duplicate(), 0);
            file.write(body.duplicate(), FileType.HEADER);
            file.force();
        }
    }

    private ByteBuffer body() {
        int size = 0;
        for (Entry entry : entries) {
            size += 8 + 8 + 8 + 4 + 8 + 8 + nameSize(entry.id);
            size += 4 + entry.packed.size() * Packed.SIZE;
        }
        ByteBuffer body = ByteBuffer.allocate(size);
        for (Entry entry : entries) {
            body.putLong(entry.number).putLong(entry.startOffset);
            body.putLong(entry.cut.extentBase).putInt(entry.cut.position);
            body.putLong(entry.cut.offset).putLong(entry.cut.maxTimestampMillis);
            putName(body, entry.id);
            body.putInt(entry.packed.size());
            entry.packed.forEach(each -> each.put(body));
        }
        return body.flip();
    }

    private static Entry entry(ByteBuffer body) {
        long number = body.getLong();
        long start = body.getLong();
        var cut = new Cut(body.getLong(), body.getInt(), body.getLong(), body.getLong());
        LogId id = name(body);
        var packed = new ArrayList<Packed>();
        for (int left = body.getInt(); left > 0; left--) {
            packed.add(Packed.read(body));
        }
        return new Entry(number, id, start, cut.extentBase < 0 ? Cut.NONE : cut, packed);
    }

    /** Bytes of {@link #putName}. */
    public static int nameSize(LogId id) {
        return 16 + 4 + 4 + 2 + id.tenant().name().length();
    }

    /** Writes a log's names. */
    public static void putName(ByteBuffer target, LogId id) {
        UUID topic = id.topicId().uuid();
        target.putLong(topic.getMostSignificantBits()).putLong(topic.getLeastSignificantBits());
        target.putInt(id.partition());
        target.putShort((short) id.generation()).putShort((short) id.shard());
        byte[] tenant = id.tenant().name().getBytes(UTF_8);
        target.putShort((short) tenant.length).put(tenant);
    }

    /** Reads a log's names. */
    public static LogId name(ByteBuffer source) {
        var topic = new TopicId(new UUID(source.getLong(), source.getLong()));
        int partition = source.getInt();
        int generation = Short.toUnsignedInt(source.getShort());
        int shard = Short.toUnsignedInt(source.getShort());
        byte[] tenant = new byte[source.getShort()];
        source.get(tenant);
        var owner = new TenantId(new String(tenant, UTF_8));
        return new LogId(owner, topic, partition, shard, generation);
    }

    private static int crc(ByteBuffer body) {
        var crc = new CRC32C();
        crc.update(body.duplicate().clear());
        return (int) crc.getValue();
    }
}
