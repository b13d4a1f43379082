// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.FileLayer.OpenMode;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * A pack: what many small logs had in the commit log, moved to a file that is never changed. A
 * header, frames back to back as the commit log has them, a trailer. Which of its frames are
 * needed, the checkpoint says.
 */
public final class PackFile implements FrameFile {
    /** The directory of all of them. */
    public static final String DIRECTORY = "packs";

    static final int NUMBER = FileType.FIELDS;
    static final int SALT = FileType.FIELDS + 8;
    static final int TRAILER = 32;

    private static final String SUFFIX = ".pack";
    private static final int TRAILER_MAGIC = 0x4D4F5351;

    private final long number;
    private final long bytes;
    private final SharedFile shared;
    private final AtomicLong live = new AtomicLong();

    /** A file whose frames and what is around them have {@code bytes}. */
    PackFile(long number, long bytes, SharedFile shared) {
        this.number = number;
        this.bytes = bytes;
        this.shared = shared;
    }

    /** The number in a file's name, -1 if it is no pack. */
    public static long numberOf(String name) {
        if (!name.endsWith(SUFFIX)) {
            return -1;
        }
        return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    }

    /** The path of a pack by its number. */
    public static String path(long number) {
        String digits = Long.toString(number);
        return DIRECTORY + "/" + "0".repeat(Math.max(0, 10 - digits.length())) + digits + SUFFIX;
    }

    /**
     * Opens a pack that is there, or takes an empty file's place for one that is gone: what was in
     * it is refused piece by piece, not all logs.
     */
    public static PackFile open(FileLayer files, long number) throws IOException {
        StorageFile file = files.open(path(number), OpenMode.WRITE);
        return new PackFile(number, file.size(), new SharedFile(file));
    }

    /**
     * Checks header and trailer.
     *
     * @throws CorruptLogException if one is not as it was written
     * @throws IOException also if it is of another version
     */
    public void check() throws IOException {
        StorageFile file = shared.file();
        ByteBuffer header = FileType.PACK.read(file);
        ByteBuffer trailer = ByteBuffer.allocate(TRAILER);
        long at = file.size() - TRAILER;
        var ignored = file.read(trailer, Math.max(0, at));
        boolean good =
                trailer.getInt(TRAILER - 8) == TRAILER_MAGIC
                        && trailer.getInt(TRAILER - 4) == crc(trailer, header.getLong(SALT))
                        && trailer.getLong(0) == at;
        if (header.getLong(NUMBER) != number || !good) {
            throw new CorruptLogException(
                    "file '" + file.path() + "' does not begin or end as pack " + number + " does",
                    file.path(),
                    -1,
                    -1);
        }
    }

    /** The bytes behind the frames. */
    static ByteBuffer trailer(long end, int frames, long salt) {
        ByteBuffer trailer = ByteBuffer.allocate(TRAILER).putLong(0, end).putInt(8, frames);
        trailer.putInt(TRAILER - 8, TRAILER_MAGIC);
        return trailer.putInt(TRAILER - 4, crc(trailer, salt));
    }

    private static int crc(ByteBuffer trailer, long salt) {
        var crc = new CRC32C();
        crc.update(ByteBuffer.allocate(8).putLong(0, salt));
        crc.update(trailer.slice(0, TRAILER - 4));
        return (int) crc.getValue();
    }

    /** Packs are numbered in the order in which they were made. */
    public long number() {
        return number;
    }

    /** Bytes of the file. */
    public long bytes() {
        return bytes;
    }

    /** Bytes that some log still reads. */
    public long liveBytes() {
        return live.get();
    }

    @Override
    public SharedFile shared() {
        return shared;
    }

    @Override
    public long order() {
        return 0;
    }

    @Override
    public void hold(int length) {
        live.addAndGet(length);
    }

    @Override
    public void letGo(int length) {
        live.addAndGet(-length);
    }
}
