// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.record;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;

import net.jpountz.lz4.LZ4FrameOutputStream;

import org.xerial.snappy.SnappyOutputStream;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** Compresses records as Kafka's clients frame them; the way back is {@link Decompressor}. */
final class Compressor {
    private static final int SNAPPY_BLOCK_BYTES = 32 * 1024;

    private Compressor() {}

    /** Appends the readable bytes of {@code records}, compressed, to {@code out}. */
    static void compress(int codec, ByteBuf records, ByteBuf out) {
        try (OutputStream stream = stream(codec, new ByteBufOutputStream(out))) {
            records.getBytes(records.readerIndex(), stream, records.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
    }

    private static OutputStream stream(int codec, OutputStream out) throws IOException {
        return switch (codec) {
            case 0 -> out;
            case Decompressor.GZIP -> new GZIPOutputStream(out);
            case Decompressor.SNAPPY -> new SnappyOutputStream(out, SNAPPY_BLOCK_BYTES);
            case Decompressor.LZ4 ->
                    new LZ4FrameOutputStream(out, LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB);
            case Decompressor.ZSTD -> new ZstdOutputStreamNoFinalizer(out);
            default -> throw new IllegalArgumentException("codec " + codec);
        };
    }
}
