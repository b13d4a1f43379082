// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import io.mortise.spi.broker.FetchedBatches;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes of a part wherever it lies. */
final class SliceBytes {
    private SliceBytes() {}

    static ByteBuffer of(FetchedBatches.Part part) throws IOException {
        return switch (part) {
            case FetchedBatches.Memory memory -> memory.bytes().nioBuffer();
            case FetchedBatches.Region region -> read(region);
        };
    }

    private static ByteBuffer read(FetchedBatches.Region region) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(region.length());
        while (bytes.hasRemaining()) {
            if (region.file().read(bytes, region.position() + bytes.position()) < 0) {
                throw new EOFException(
                        region.file().path()
                                + " ends before "
                                + region.position()
                                + "+"
                                + region.length());
            }
        }
        return bytes.flip();
    }
}
