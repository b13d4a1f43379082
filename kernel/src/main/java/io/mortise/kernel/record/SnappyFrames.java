// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.xerial.snappy.Snappy;

import java.io.IOException;

/**
 * Snappy as Kafka frames it: xerial's header, then blocks behind a 32-bit length each; some clients
 * send one bare block instead.
 */
final class SnappyFrames {
    private static final byte[] MAGIC = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
    private static final int HEADER_BYTES = 16;

    private SnappyFrames() {}

    static BatchFault decode(byte[] source, ByteBuf out) throws IOException {
        if (!framed(source)) {
            return block(source, 0, source.length, out);
        }
        ByteBuf lengths = Unpooled.wrappedBuffer(source);
        int position = HEADER_BYTES;
        while (position < source.length) {
            if (source.length - position < Integer.BYTES) {
                return BatchFault.MALFORMED_RECORD;
            }
            int length = lengths.getInt(position);
            position += Integer.BYTES;
            if (length < 0 || length > source.length - position) {
                return BatchFault.MALFORMED_RECORD;
            }
            BatchFault fault = block(source, position, length, out);
            if (fault != BatchFault.NONE) {
                return fault;
            }
            position += length;
        }
        return BatchFault.NONE;
    }

    private static boolean framed(byte[] source) {
        return source.length >= HEADER_BYTES
                && ByteBufUtil.equals(
                        Unpooled.wrappedBuffer(source),
                        0,
                        Unpooled.wrappedBuffer(MAGIC),
                        0,
                        MAGIC.length);
    }

    private static BatchFault block(byte[] source, int from, int length, ByteBuf out)
            throws IOException {
        int size = Snappy.uncompressedLength(source, from, length);
        if (size < 0 || size > out.maxWritableBytes()) {
            return BatchFault.TOO_LARGE;
        }
        if (!Snappy.isValidCompressedBuffer(source, from, length)) {
            return BatchFault.MALFORMED_RECORD;
        }
        out.ensureWritable(size);
        int at = out.arrayOffset() + out.writerIndex();
        int written = Snappy.uncompress(source, from, length, out.array(), at);
        out.writerIndex(out.writerIndex() + written);
        return BatchFault.NONE;
    }
}
