// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.LogSlice;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of a part, wherever it lies. May block. */
final class SliceBytes {
    private SliceBytes() {}

    static ByteBuffer of(LogSlice.Part part) throws IOException {
        return switch (part) {
            case LogSlice.Memory memory -> memory.bytes().duplicate();
            case LogSlice.Region region -> read(region.file(), region.position(), region.length());
        };
    }

    static ByteBuffer of(FetchedBatches.Part part) throws IOException {
        return switch (part) {
            case FetchedBatches.Memory memory -> memory.bytes().nioBuffer();
            case FetchedBatches.Region region ->
                    read(region.file(), region.position(), region.length());
        };
    }

    private static ByteBuffer read(StorageFile file, long position, int length) throws IOException {
        var bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, position + bytes.position()) < 0) {
                throw new EOFException(file.path() + " ends before " + (position + length));
            }
        }
        return bytes.flip();
    }
}
