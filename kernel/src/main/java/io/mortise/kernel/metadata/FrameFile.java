// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A file of checked frames. Not safe for several threads.
 *
 * <pre>
 * header   magic 8 | version 4 | first index 8 | CRC-32C of these 4
 * frame    magic 4 | length 4 | index 8 | CRC-32C of index and payload 4 | payload
 * </pre>
 *
 * Every frame is forced before the next is written, so only the last one can be torn: a bad frame
 * with a good one behind it is corruption and refused, never cut.
 */
final class FrameFile implements AutoCloseable {
    static final int VERSION = 1;

    /** What the name of a file ends with until it is whole. */
    static final String TEMPORARY = ".tmp";

    private static final int HEADER_BYTES = 24;
    private static final int FRAME_HEADER_BYTES = 20;
    private static final int HARDEN_BYTES = 64 << 10;
    private static final int FRAME_MAGIC = 0x4D464652; // "MFFR"

    private final StorageFile file;
    private final long firstIndex;
    private long nextIndex;
    private long end = HEADER_BYTES;
    private long durableEnd;
    private long durableNext;
    private boolean torn;

    private FrameFile(StorageFile file, long firstIndex) {
        this.file = file;
        this.firstIndex = firstIndex;
        this.nextIndex = firstIndex;
        this.durableEnd = HEADER_BYTES;
        this.durableNext = firstIndex;
    }

    /** A new file with its header, not yet forced. */
    static FrameFile create(FileLayer files, String path, long magic, long firstIndex)
            throws IOException {
        StorageFile file = files.open(path, OpenMode.CREATE_NEW);
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
        header.putLong(magic).putInt(VERSION).putLong(firstIndex);
        header.putInt(crc(header.slice(0, HEADER_BYTES - 4)));
        file.write(header.flip(), 0);
        return new FrameFile(file, firstIndex);
    }

    /** Writes a file beside its place and renames it: a file of a final name is always whole. */
    static FrameFile writeWhole(
            FileLayer files,
            String directory,
            String path,
            long magic,
            long index,
            List<byte[]> frames)
            throws IOException {
        String temporary = path + TEMPORARY;
        files.delete(temporary);
        FrameFile file = create(files, temporary, magic, index);
        try {
            for (byte[] frame : frames) {
                file.append(frame);
            }
            file.force();
            files.rename(temporary, path);
            files.forceDirectory(directory);
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /**
     * @throws MetadataFormatException the header is not ours, damaged, or of a newer version
     */
    static FrameFile open(FileLayer files, String path, long magic) throws IOException {
        StorageFile file = files.open(path, OpenMode.WRITE);
        try {
            return new FrameFile(file, checkHeader(file, magic));
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static long checkHeader(StorageFile file, long magic) throws IOException {
        ByteBuffer header = read(file, 0, HEADER_BYTES);
        if (header == null || header.getLong(0) != magic) {
            throw new MetadataFormatException(file.path() + ": is no metadata file of this kind");
        }
        int version = header.getInt(8);
        if (version > VERSION) {
            throw new MetadataFormatException(
                    file.path()
                            + ": format version "
                            + version
                            + ", this version of Mortise understands "
                            + VERSION
                            + " and below");
        }
        if (header.getInt(20) != crc(header.slice(0, 20))) {
            throw new MetadataFormatException(file.path() + ": the header's checksum is wrong");
        }
        return header.getLong(12);
    }

    long firstIndex() {
        return firstIndex;
    }

    /** Index of the frame that is appended next. */
    long nextIndex() {
        return nextIndex;
    }

    long size() {
        return end;
    }

    /** Whether {@link #readAll} met a torn last frame. */
    boolean torn() {
        return torn;
    }

    void append(byte[] payload) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(FRAME_HEADER_BYTES);
        header.putInt(FRAME_MAGIC).putInt(payload.length).putLong(nextIndex);
        header.putInt(crc(nextIndex, ByteBuffer.wrap(payload)));
        file.write(new ByteBuffer[] {header.flip(), ByteBuffer.wrap(payload)}, end);
        end += FRAME_HEADER_BYTES + payload.length;
        nextIndex++;
    }

    void force() throws IOException {
        file.force();
        durableEnd = end;
        durableNext = nextIndex;
    }

    /** Forgets every frame that is not known to be durable. */
    void cutToDurable() throws IOException {
        file.truncate(durableEnd);
        file.force();
        end = durableEnd;
        nextIndex = durableNext;
        torn = false;
    }

    /** Reads every frame from the first; the next append goes behind the last good one. */
    List<byte[]> readAll() throws IOException {
        List<byte[]> frames = new ArrayList<>();
        long size = file.size();
        byte[] payload = frame(end, nextIndex, size);
        while (payload != null) {
            frames.add(payload);
            end += FRAME_HEADER_BYTES + payload.length;
            nextIndex++;
            payload = frame(end, nextIndex, size);
        }
        durableEnd = end;
        durableNext = nextIndex;
        torn = end < size;
        if (torn) {
            refuseGoodFrameBehind(size);
        }
        return frames;
    }

    /**
     * Makes durable what {@link #readAll} found: if a force failed before the process died, the
     * operating system may still show frames that it counts as written and has not, so that a force
     * alone would not bring them to the device.
     */
    void harden() throws IOException {
        for (long position = HEADER_BYTES; position < end; position += HARDEN_BYTES) {
            int length = (int) Math.min(HARDEN_BYTES, end - position);
            ByteBuffer found = read(file, position, length);
            if (found == null) {
                throw new EOFException(file.path() + " ends before byte " + (position + length));
            }
            file.write(found, position);
        }
        force();
    }

    private void refuseGoodFrameBehind(long size) throws IOException {
        for (long position = end + 1; position + FRAME_HEADER_BYTES <= size; position++) {
            ByteBuffer start = read(file, position, FRAME_HEADER_BYTES);
            if (start != null
                    && start.getInt(0) == FRAME_MAGIC
                    && frame(position, start.getLong(8), size) != null) {
                throw new MetadataFormatException(
                        file.path()
                                + ": corrupt at byte "
                                + end
                                + ", entry "
                                + nextIndex
                                + ", with good entries from byte "
                                + position
                                + "; restore it from a copy");
            }
        }
    }

    private byte @Nullable [] frame(long position, long index, long size) throws IOException {
        ByteBuffer header = read(file, position, FRAME_HEADER_BYTES);
        if (header == null || header.getInt(0) != FRAME_MAGIC || header.getLong(8) != index) {
            return null;
        }
        int length = header.getInt(4);
        if (length < 0 || position + FRAME_HEADER_BYTES + length > size) {
            return null;
        }
        ByteBuffer payload = read(file, position + FRAME_HEADER_BYTES, length);
        if (payload == null || crc(index, payload) != header.getInt(16)) {
            return null;
        }
        byte[] bytes = new byte[length];
        payload.get(bytes);
        return bytes;
    }

    /** The bytes, or null if the file ends before. */
    private static @Nullable ByteBuffer read(StorageFile file, long position, int length)
            throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        while (target.hasRemaining()) {
            if (file.read(target, position + target.position()) < 0) {
                return null;
            }
        }
        return target.flip();
    }

    private static int crc(long index, ByteBuffer payload) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, index));
        crc.update(payload.duplicate());
        return (int) crc.getValue();
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
