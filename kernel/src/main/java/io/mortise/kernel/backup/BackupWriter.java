// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.backup;

import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes frames, see {@link BackupFormat}. One thread. */
final class BackupWriter {
    private final StorageFile file;
    private long number;
    private long position;

    /** Where to go back to. */
    record Mark(long number, long position) {}

    /**
     * Begins with the header.
     *
     * @param file new; the caller closes it
     */
    BackupWriter(StorageFile file) throws IOException {
        this.file = file;
        ByteBuffer header = ByteBuffer.allocate(BackupFormat.HEADER_BYTES);
        header.putLong(BackupFormat.MAGIC).putInt(BackupFormat.VERSION);
        header.putInt(BackupFormat.headerCrc(header)).flip();
        file.write(header, 0);
        position = BackupFormat.HEADER_BYTES;
    }

    void frame(byte kind, ByteBuffer payload) throws IOException {
        int length = payload.remaining();
        ByteBuffer header = ByteBuffer.allocate(BackupFormat.FRAME_HEADER_BYTES);
        header.put(kind).putInt(length);
        header.putInt(BackupFormat.crc(number, kind, length, payload)).flip();
        file.write(new ByteBuffer[] {header, payload.duplicate()}, position);
        position += BackupFormat.FRAME_HEADER_BYTES + length;
        number++;
    }

    Mark mark() {
        return new Mark(number, position);
    }

    /** Forgets every frame behind the mark. */
    void cutTo(Mark mark) throws IOException {
        file.truncate(mark.position());
        number = mark.number();
        position = mark.position();
    }

    long position() {
        return position;
    }

    void force() throws IOException {
        file.force();
    }
}
