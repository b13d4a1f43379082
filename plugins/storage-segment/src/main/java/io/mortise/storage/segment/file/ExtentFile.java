// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * One file of one log: a page with header and marks, then batches back to back; once sealed, the
 * index of its blocks and a trailer. All positions but those of the file itself count from {@link
 * #DATA}.
 */
public final class ExtentFile {
    /** The directory of all of them. */
    public static final String DIRECTORY = "extents";

    /** Where the batches begin. */
    public static final int DATA = 4096;

    private static final String SUFFIX = ".extent";
    private static final int LOG = FileType.FIELDS;
    private static final int BASE = FileType.FIELDS + 8;
    private static final int ENTRY = 16;
    private static final int TRAILER = 48;
    private static final int TRAILER_MAGIC = 0x4D4F5354;

    private ExtentFile() {}

    /** What a sealed file says about itself. */
    public record Seal(long endOffset, int size, long maxTimestampMillis, int blocks) {}

    /** A file's name says whose it is. */
    public record Name(long log, long baseOffset) {
        /** The path of the file. */
        public String path() {
            return DIRECTORY + "/" + log + "-" + baseOffset + SUFFIX;
        }

        /** Reads a name back; null if it is no extent's. */
        public static @Nullable Name parse(String name) {
            int dash = name.indexOf('-');
            if (dash < 0 || !name.endsWith(SUFFIX)) {
                return null;
            }
            return new Name(
                    Long.parseLong(name.substring(0, dash)),
                    Long.parseLong(name.substring(dash + 1, name.length() - SUFFIX.length())));
        }
    }

    /** Makes a file with a header; nothing is forced. */
    public static StorageFile create(FileLayer files, String path, Name name) throws IOException {
        StorageFile file = files.open(path, OpenMode.WRITE);
        file.truncate(0);
        ByteBuffer header =
                FileType.EXTENT.header().putLong(LOG, name.log).putLong(BASE, name.baseOffset);
        ByteBuffer page = ByteBuffer.allocate(DATA).put(FileType.finished(header));
        file.write(page.clear(), 0);
        return file;
    }

    /**
     * Opens a file that is there and checks whose it is; null if its creation was never completed.
     */
    public static @Nullable StorageFile open(FileLayer files, Name name) throws IOException {
        StorageFile file = files.open(name.path(), OpenMode.WRITE);
        try {
            if (FileType.unfinished(file)) {
                file.close();
                return null;
            }
            ByteBuffer header = FileType.EXTENT.read(file);
            if (header.getLong(LOG) != name.log || header.getLong(BASE) != name.baseOffset) {
                throw new CorruptLogException(
                        "file '"
                                + file.path()
                                + "' says at position 8 that it is extent "
                                + header.getLong(LOG)
                                + "-"
                                + header.getLong(BASE));
            }
            return file;
        } catch (IOException failure) {
            file.close();
            throw failure;
        }
    }

    /**
     * Writes index and trailer behind the batches, cuts what was allocated beyond, and forces:
     * batches first, so that a trailer never vouches for batches that were lost.
     */
    public static void seal(
            StorageFile file, Name name, Seal seal, long[] offsets, int[] positions, int[] crcs)
            throws IOException {
        ByteBuffer footer = ByteBuffer.allocate(seal.blocks * ENTRY + TRAILER);
        for (int i = 0; i < seal.blocks; i++) {
            footer.putLong(offsets[i]).putInt(positions[i]).putInt(crcs[i]);
        }
        footer.putLong(seal.endOffset)
                .putInt(seal.size)
                .putInt(seal.blocks)
                .putLong(seal.maxTimestampMillis);
        footer.putInt(crc(footer.array(), seal.blocks * ENTRY, name));
        footer.putInt(footer.capacity() - 8, TRAILER_MAGIC);
        footer.putInt(footer.capacity() - 4, trailerCrc(footer, name));
        long end = (long) DATA + seal.size;
        file.truncate(end);
        file.force();
        file.write(footer.clear(), end);
        file.force();
    }

    /** What the trailer says; null if the file has no trailer that passes. */
    public static @Nullable Seal sealOf(StorageFile file, Name name) throws IOException {
        long size = file.size();
        if (size < DATA + TRAILER) {
            return null;
        }
        ByteBuffer trailer = ByteBuffer.allocate(TRAILER);
        var ignored = file.read(trailer, size - TRAILER);
        if (trailer.getInt(TRAILER - 8) != TRAILER_MAGIC
                || trailer.getInt(TRAILER - 4) != trailerCrc(trailer, name)) {
            return null;
        }
        var seal =
                new Seal(
                        trailer.getLong(0),
                        trailer.getInt(8),
                        trailer.getLong(16),
                        trailer.getInt(12));
        return DATA + seal.size + (long) seal.blocks * ENTRY + TRAILER == size ? seal : null;
    }

    /** Reads the index of a sealed file into the arrays; false if it fails its CRC. */
    public static boolean index(
            StorageFile file, Name name, Seal seal, long[] offsets, int[] positions, int[] crcs)
            throws IOException {
        ByteBuffer entries = ByteBuffer.allocate(seal.blocks * ENTRY + TRAILER);
        var ignored = file.read(entries, (long) DATA + seal.size);
        if (entries.getInt(seal.blocks * ENTRY + 24)
                != crc(entries.array(), seal.blocks * ENTRY, name)) {
            return false;
        }
        entries.clear();
        for (int i = 0; i < seal.blocks; i++) {
            offsets[i] = entries.getLong();
            positions[i] = entries.getInt();
            crcs[i] = entries.getInt();
        }
        return true;
    }

    /** A block's CRC as the index has it: it fits this block of this extent only. */
    public static int salted(int crc, Name name, int position) {
        long salt = (name.log * 31 + name.baseOffset) * 31 + position;
        return crc ^ (int) salt ^ (int) (salt >>> 32);
    }

    private static int trailerCrc(ByteBuffer footer, Name name) {
        byte[] trailer = new byte[TRAILER];
        footer.get(footer.capacity() - TRAILER, trailer);
        return crc(trailer, TRAILER - 4, name);
    }

    private static int crc(byte[] bytes, int length, Name name) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putLong(name.log).putLong(name.baseOffset).flip());
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
