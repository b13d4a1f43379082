// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * The LZ4 frame format (v1.5.1) with independent blocks, which is what Kafka's clients write. Block
 * and content checksums are passed over: the batch's own checksum covers them.
 */
final class Lz4Frames {
    private static final int MAGIC = 0x184D2204;
    private static final int BLOCK_CHECKSUM = 1 << 4;
    private static final int CONTENT_SIZE = 1 << 3;
    private static final int INDEPENDENT_BLOCKS = 1 << 5;
    private static final int STORED_BLOCK = 1 << 31;
    private static final int SMALLEST_FRAME = 7;

    private final ByteBuf source;
    private final byte[] bytes;
    private final ByteBuf out;
    private final LZ4SafeDecompressor decompressor =
            LZ4Factory.fastestInstance().safeDecompressor();
    private int maxBlockBytes;
    private boolean blockChecksums;

    private Lz4Frames(byte[] bytes, ByteBuf out) {
        this.bytes = bytes;
        this.source = Unpooled.wrappedBuffer(bytes);
        this.out = out;
    }

    static BatchFault decode(byte[] source, ByteBuf out) {
        return new Lz4Frames(source, out).decode();
    }

    private BatchFault decode() {
        if (!readHeader()) {
            return BatchFault.MALFORMED_RECORD;
        }
        while (source.readableBytes() >= Integer.BYTES) {
            int size = source.readIntLE();
            if (size == 0) {
                return BatchFault.NONE;
            }
            BatchFault fault = block(size & ~STORED_BLOCK, (size & STORED_BLOCK) != 0);
            if (fault != BatchFault.NONE) {
                return fault;
            }
        }
        return BatchFault.MALFORMED_RECORD;
    }

    private boolean readHeader() {
        if (source.readableBytes() < SMALLEST_FRAME || source.readIntLE() != MAGIC) {
            return false;
        }
        int flags = source.readByte();
        int blockSizeCode = (source.readByte() >> 4) & 0x07;
        if (flags >> 6 != 1 || (flags & INDEPENDENT_BLOCKS) == 0 || blockSizeCode < 4) {
            return false;
        }
        maxBlockBytes = 1 << (2 * blockSizeCode + 8);
        blockChecksums = (flags & BLOCK_CHECKSUM) != 0;
        int rest = ((flags & CONTENT_SIZE) != 0 ? Long.BYTES : 0) + 1;
        if (source.readableBytes() < rest) {
            return false;
        }
        source.skipBytes(rest);
        return true;
    }

    private BatchFault block(int length, boolean stored) {
        int checksum = blockChecksums ? Integer.BYTES : 0;
        if (length > maxBlockBytes || length > source.readableBytes() - checksum) {
            return BatchFault.MALFORMED_RECORD;
        }
        BatchFault fault = stored ? copy(length) : decompress(length);
        source.skipBytes(length + checksum);
        return fault;
    }

    private BatchFault copy(int length) {
        if (length > out.maxWritableBytes()) {
            return BatchFault.TOO_LARGE;
        }
        out.writeBytes(bytes, source.readerIndex(), length);
        return BatchFault.NONE;
    }

    private BatchFault decompress(int length) {
        int room = Math.min(maxBlockBytes, out.maxWritableBytes());
        out.ensureWritable(room);
        int at = out.arrayOffset() + out.writerIndex();
        int written;
        try {
            written =
                    decompressor.decompress(
                            bytes, source.readerIndex(), length, out.array(), at, room);
        } catch (net.jpountz.lz4.LZ4Exception e) {
            return room < maxBlockBytes ? BatchFault.TOO_LARGE : BatchFault.MALFORMED_RECORD;
        }
        out.writerIndex(out.writerIndex() + written);
        return BatchFault.NONE;
    }
}
