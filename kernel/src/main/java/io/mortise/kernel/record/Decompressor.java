// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/**
 * Decompresses the records of a batch, never past a bound, whatever sizes the bytes declare.
 * Refuses by value: a null result, with the reason in {@link #fault}. Not thread-safe.
 */
public final class Decompressor {
    static final int GZIP = 1;
    static final int SNAPPY = 2;
    static final int LZ4 = 3;
    static final int ZSTD = 4;
    private static final int CHUNK_BYTES = 16 * 1024;

    private final ByteBufAllocator allocator;
    private final int maxBytes;
    private BatchFault fault = BatchFault.NONE;

    /**
     * @param allocator where results come from
     * @param maxBytes bound of one batch's records once decompressed
     */
    public Decompressor(ByteBufAllocator allocator, int maxBytes) {
        this.allocator = allocator;
        this.maxBytes = maxBytes;
    }

    /** Why the last {@link #decompress} answered null. */
    public BatchFault fault() {
        return fault;
    }

    /**
     * Decompresses the records of the batch at {@code index}, which is borrowed and whose header
     * was checked.
     *
     * @return a new heap buffer that the caller releases, or null with {@link #fault} set
     */
    public @Nullable ByteBuf decompress(ByteBuf batch, int index) {
        int from = index + BatchFormat.HEADER_BYTES;
        int length = BatchFormat.sizeBytes(batch, index) - BatchFormat.HEADER_BYTES;
        return decompress(BatchFormat.compression(batch, index), batch, from, length);
    }

    private @Nullable ByteBuf decompress(int codec, ByteBuf source, int from, int length) {
        fault = BatchFault.NONE;
        ByteBuf out = allocator.heapBuffer(Math.min(maxBytes, Math.max(256, 4 * length)), maxBytes);
        boolean done = false;
        try {
            fault = decode(codec, source, from, length, out);
            done = fault == BatchFault.NONE;
        } catch (IOException | RuntimeException | Error malformed) {
            // codecs answer malformed input with whatever exception they like; a fatal one goes on
            if (malformed instanceof VirtualMachineError fatal) {
                throw fatal;
            }
            fault = BatchFault.MALFORMED_RECORD;
        } finally {
            if (!done) {
                out.release();
            }
        }
        return done ? out : null;
    }

    private static BatchFault decode(int codec, ByteBuf source, int from, int length, ByteBuf out)
            throws IOException {
        return switch (codec) {
            case GZIP -> drain(new GZIPInputStream(stream(source, from, length)), out);
            case SNAPPY -> SnappyFrames.decode(bytes(source, from, length), out);
            case LZ4 -> Lz4Frames.decode(bytes(source, from, length), out);
            case ZSTD -> drain(new ZstdInputStreamNoFinalizer(stream(source, from, length)), out);
            default -> BatchFault.UNKNOWN_COMPRESSION;
        };
    }

    private static InputStream stream(ByteBuf source, int from, int length) {
        return new ByteBufInputStream(source.slice(from, length));
    }

    private static byte[] bytes(ByteBuf source, int from, int length) {
        byte[] copy = new byte[length];
        source.getBytes(from, copy);
        return copy;
    }

    private static BatchFault drain(InputStream stream, ByteBuf out) throws IOException {
        try (stream) {
            while (out.maxWritableBytes() > 0) {
                int step = Math.min(CHUNK_BYTES, out.maxWritableBytes());
                if (out.writeBytes(stream, step) < 0) {
                    return BatchFault.NONE;
                }
            }
            return stream.read() < 0 ? BatchFault.NONE : BatchFault.TOO_LARGE;
        }
    }
}
