// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.LogSlice;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Copies of slices. */
final class Bytes {
    private Bytes() {}

    /** All bytes of a slice, on the heap. */
    static ByteBuffer of(LogSlice slice) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
        for (LogSlice.Part part : slice.parts()) {
            switch (part) {
                case LogSlice.Memory memory -> bytes.put(memory.bytes().duplicate());
                case LogSlice.Region region -> {
                    var ignored = region.file().read(bytes, region.position());
                }
            }
        }
        return bytes.flip();
    }
}
