// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.mapping;

import java.nio.ByteBuffer;

/**
 * The chunks of snappy-java's framing. Its reader allocates what a chunk declares before looking at
 * a byte of it, so what is declared is compared with what is there first.
 */
final class SnappyChunks {
    /** 0x82 "SNAPPY" 0x00. */
    private static final long MAGIC = 0x82534e4150505900L;

    private static final int HEADER_BYTES = 16;

    /** Snappy's densest element, a copy of 64 bytes, takes 3; with room to spare. */
    private static final int MAX_RATIO = 32;

    private SnappyChunks() {}

    /**
     * Whether every chunk lies within the bytes between position and limit and declares no more
     * than it can hold.
     */
    static boolean plausible(ByteBuffer records) {
        ByteBuffer in = records.duplicate();
        if (in.remaining() < HEADER_BYTES || in.getLong(in.position()) != MAGIC) {
            return plausible(in, in.remaining());
        }
        in.position(in.position() + HEADER_BYTES);
        while (in.remaining() >= Integer.BYTES) {
            int size = in.getInt();
            if (size < 0 || size > in.remaining() || !plausible(in, size)) {
                return false;
            }
            in.position(in.position() + size);
        }
        return !in.hasRemaining();
    }

    private static boolean plausible(ByteBuffer in, int chunkBytes) {
        long declared = 0;
        for (int i = 0; i < Math.min(5, chunkBytes); i++) {
            byte next = in.get(in.position() + i);
            declared |= (next & 0x7fL) << (7 * i);
            if (next >= 0) {
                return declared <= (long) MAX_RATIO * chunkBytes;
            }
        }
        return false;
    }
}
