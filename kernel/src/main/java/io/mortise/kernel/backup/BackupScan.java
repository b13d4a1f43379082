// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import io.mortise.kernel.metadata.ImageChunks;
import io.mortise.kernel.metadata.MetadataFormatException;
import io.mortise.kernel.record.BatchCheck;
import io.mortise.kernel.record.BatchFault;
import io.mortise.kernel.record.BatchFormat;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** Reads a backup from its first byte to its last and believes nothing. One thread; blocks. */
public final class BackupScan {
    private final StorageFile file;
    private final BackupVisitor visitor;
    private final long size;
    private long position;
    private long number;

    private @Nullable BackupAbout about;
    private @Nullable BackedUpLog log;
    private @Nullable String fileName;
    private long nextOffset;
    private long countInLog;
    private long bytesInPart;
    private final CRC32C part = new CRC32C();
    private final List<byte[]> metadata = new ArrayList<>();
    private final List<String> files = new ArrayList<>();
    private int logs;
    private long batches;
    private long batchBytes;
    private int highestEpoch = -1;

    private BackupScan(StorageFile file, BackupVisitor visitor) throws IOException {
        this.file = file;
        this.visitor = visitor;
        this.size = file.size();
    }

    /** Checks everything. */
    public static BackupSummary verify(FileLayer files, String name) throws IOException {
        return read(files, name, new BackupVisitor() {});
    }

    /**
     * Checks everything and tells it, too.
     *
     * @throws BackupException damaged, not whole, or of a newer version; what was told before is as
     *     good as told
     */
    public static BackupSummary read(FileLayer files, String name, BackupVisitor visitor)
            throws IOException {
        try (StorageFile file = files.open(name, OpenMode.READ)) {
            return new BackupScan(file, visitor).run();
        }
    }

    private BackupSummary run() throws IOException {
        header();
        byte kind = 0;
        while (kind != BackupFormat.END) {
            kind = frame();
        }
        if (position != size) {
            throw fault(position, (size - position) + " bytes lie behind the end");
        }
        BackupAbout whose = about;
        if (whose == null) {
            throw fault(0, "does not say whose it is");
        }
        try {
            return new BackupSummary(
                    whose,
                    ImageChunks.read(metadata),
                    metadata,
                    files,
                    logs,
                    batches,
                    batchBytes,
                    highestEpoch);
        } catch (MetadataFormatException wrong) {
            throw fault(position, "metadata: " + wrong.getMessage());
        }
    }

    private void header() throws IOException {
        ByteBuffer header = read(0, BackupFormat.HEADER_BYTES);
        if (header.getLong(0) != BackupFormat.MAGIC) {
            throw new BackupException(file.path() + " is no backup of Mortise");
        }
        if (header.getInt(12) != BackupFormat.headerCrc(header)) {
            throw fault(0, "the header's checksum is wrong");
        }
        int version = header.getInt(8);
        if (version > BackupFormat.VERSION) {
            throw new BackupException(
                    file.path()
                            + " has format version "
                            + version
                            + ", this version of Mortise understands "
                            + BackupFormat.VERSION
                            + " and below");
        }
        position = BackupFormat.HEADER_BYTES;
    }

    private byte frame() throws IOException {
        ByteBuffer header = read(position, BackupFormat.FRAME_HEADER_BYTES);
        byte kind = header.get();
        int length = header.getInt();
        int crc = header.getInt();
        long start = position + BackupFormat.FRAME_HEADER_BYTES;
        if (length < 0 || length > size - start) {
            throw fault(
                    position,
                    "frame " + number + where() + " is damaged, or the file is not whole");
        }
        ByteBuffer payload = read(start, length);
        if (crc != BackupFormat.crc(number, kind, length, payload)) {
            throw fault(position, "frame " + number + where() + " fails its checksum");
        }
        try {
            take(kind, payload);
        } catch (BufferUnderflowException | IllegalArgumentException wrong) {
            throw fault(position, "frame " + number + where() + " is malformed: " + wrong);
        }
        position = start + length;
        number++;
        return kind;
    }

    private void take(byte kind, ByteBuffer payload) throws IOException {
        switch (kind) {
            case BackupFormat.ABOUT -> about = BackupAbout.decode(payload);
            case BackupFormat.LOG -> log(BackedUpLog.decode(payload));
            case BackupFormat.BATCHES -> batches(payload);
            case BackupFormat.LOG_END -> logEnd(payload);
            case BackupFormat.FILE -> file(BackupFormat.text(payload));
            case BackupFormat.BYTES -> bytes(payload);
            case BackupFormat.FILE_END -> fileEnd(payload);
            case BackupFormat.METADATA -> {
                byte[] chunk = new byte[payload.remaining()];
                payload.get(chunk);
                metadata.add(chunk);
            }
            case BackupFormat.END -> end(payload);
            default -> throw fault(position, "frame " + number + " is of no known kind: " + kind);
        }
    }

    private void log(BackedUpLog begun) throws IOException {
        between();
        log = begun;
        nextOffset = begun.startOffset();
        countInLog = 0;
        begin();
        highestEpoch = Math.max(highestEpoch, begun.leaderEpoch());
        logs++;
        visitor.log(begun);
    }

    private void begin() {
        bytesInPart = 0;
        part.reset();
    }

    private void between() throws IOException {
        if (log != null || fileName != null) {
            throw fault(position, "another thing begins" + where() + ", which has no end");
        }
    }

    private void batches(ByteBuffer payload) throws IOException {
        BackedUpLog open = log;
        if (open == null) {
            throw fault(position, "batches of no log");
        }
        ByteBuf bytes = Unpooled.wrappedBuffer(payload);
        int at = 0;
        while (at < bytes.writerIndex()) {
            BatchFault wrong = BatchCheck.header(bytes, at, bytes.writerIndex() - at);
            if (wrong != BatchFault.NONE) {
                throw fault(position, "a batch" + where() + " is not sound: " + wrong);
            }
            long base = BatchFormat.baseOffset(bytes, at);
            long next = BatchFormat.nextOffset(bytes, at);
            if (next > open.endOffset() || (base < nextOffset && countInLog > 0)) {
                throw fault(
                        position, "a batch of offsets " + base + " to " + next + " lies" + where());
            }
            nextOffset = next;
            countInLog++;
            at += BatchFormat.sizeBytes(bytes, at);
        }
        count(payload);
        batchBytes += payload.remaining();
        visitor.batches(payload);
    }

    private void count(ByteBuffer payload) {
        part.update(payload.duplicate());
        bytesInPart += payload.remaining();
    }

    private void logEnd(ByteBuffer payload) throws IOException {
        long counted = payload.getLong();
        if (log == null || counted != countInLog) {
            throw fault(position, counted + " batches were written" + where());
        }
        sum(payload);
        batches += countInLog;
        visitor.logEnd();
        log = null;
    }

    private void sum(ByteBuffer payload) throws IOException {
        if (payload.getLong() != bytesInPart || payload.getInt() != (int) part.getValue()) {
            throw fault(position, "bytes" + where() + " are not those that were written");
        }
    }

    private void file(String name) throws IOException {
        between();
        if (name.isEmpty() || name.contains("/") || name.startsWith(".")) {
            throw fault(position, "'" + name + "' is no name of a plugin's file");
        }
        fileName = name;
        begin();
        files.add(name);
        visitor.file(name);
    }

    private void bytes(ByteBuffer payload) throws IOException {
        if (fileName == null) {
            throw fault(position, "bytes of no file");
        }
        count(payload);
        visitor.bytes(payload);
    }

    private void fileEnd(ByteBuffer payload) throws IOException {
        if (fileName == null) {
            throw fault(position, "the end of no file");
        }
        sum(payload);
        visitor.fileEnd();
        fileName = null;
    }

    private void end(ByteBuffer payload) throws IOException {
        between();
        if (payload.getInt() != logs
                || payload.getLong() != batches
                || payload.getLong() != batchBytes) {
            throw fault(position, "its end does not agree with what lies before");
        }
    }

    private String where() {
        if (log != null) {
            return " in " + log.name() + " behind offset " + nextOffset;
        }
        return fileName == null ? "" : " in plugin file " + fileName;
    }

    private BackupException fault(long at, String what) {
        return new BackupException(file.path() + ": at byte " + at + ": " + what);
    }

    private ByteBuffer read(long from, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        while (target.hasRemaining()) {
            if (file.read(target, from + target.position()) < 0) {
                throw fault(from, "is not whole: it ends" + where() + ", after " + size + " bytes");
            }
        }
        return target.flip();
    }
}
