// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The kinds of files, and the 64 bytes that each begins with: magic, version, fields of the kind,
 * CRC-32C.
 */
public enum FileType {
    META(0x4D4F534D),
    COMMIT(0x4D4F5343),
    EXTENT(0x4D4F5358),
    CHECKPOINT(0x4D4F534B),
    PACK(0x4D4F5350);

    /** Bytes of the header. */
    public static final int HEADER = 64;

    /** Where the kind's own fields begin. */
    public static final int FIELDS = 8;

    private static final int CRC = 60;

    /** Version of all formats; one that was never released is not read. */
    private static final int VERSION = 3;

    private final int magic;

    FileType(int magic) {
        this.magic = magic;
    }

    /** A header whose own fields are zero. */
    public ByteBuffer header() {
        return ByteBuffer.allocate(HEADER).putInt(0, magic).putInt(4, VERSION);
    }

    /** Puts the CRC and gives the header ready to be written. */
    public static ByteBuffer finished(ByteBuffer header) {
        header.putInt(CRC, crc(header));
        return header.clear();
    }

    /**
     * Whether the file is too short for a header or has zeros there: its creation was never
     * completed.
     */
    public static boolean unfinished(StorageFile file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        return file.read(header, 0) < HEADER || header.clear().equals(ByteBuffer.allocate(HEADER));
    }

    /** Reads and checks the header. */
    public ByteBuffer read(StorageFile file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        int read = file.read(header, 0);
        if (read < HEADER || header.getInt(0) != magic) {
            throw new CorruptLogException(
                    "file '"
                            + file.path()
                            + "' does not begin as a "
                            + this
                            + " file does, at position 0",
                    file.path(),
                    -1,
                    -1);
        }
        int found = header.getInt(4);
        if (header.getInt(CRC) != crc(header)) {
            throw new CorruptLogException(
                    "the header of file '" + file.path() + "' fails its CRC, at position 0",
                    file.path(),
                    -1,
                    -1);
        }
        if (found != VERSION) {
            throw new IOException(
                    "file '"
                            + file.path()
                            + "' has format version "
                            + found
                            + "; this engine understands version "
                            + VERSION
                            + " only: it was written by "
                            + (found > VERSION ? "a newer release" : "a build before 0.1.0")
                            + "; start the release that wrote it, or restore a backup of this one");
        }
        return header.clear();
    }

    private static int crc(ByteBuffer header) {
        var crc = new CRC32C();
        crc.update(header.duplicate().clear().limit(CRC));
        return (int) crc.getValue();
    }
}
