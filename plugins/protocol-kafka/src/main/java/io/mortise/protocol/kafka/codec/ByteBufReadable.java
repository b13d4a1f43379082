// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.codec;

import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.protocol.Readable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Kafka's generated messages read from this. Borrows the buffer: record bytes and other zero-copy
 * fields are views of it, valid while the caller holds the frame.
 */
public final class ByteBufReadable implements Readable {
    /**
     * Generated code allocates a list of the declared length when {@link #remaining()} covers it.
     * One frame of 100 MB must not buy a list of 100 million references, so no array may declare
     * more elements than this.
     */
    private static final int MAX_ARRAY_ELEMENTS = 1 << 20;

    private final ByteBuf buffer;

    /** Reads from the buffer's reader index on. */
    public ByteBufReadable(ByteBuf buffer) {
        this.buffer = buffer;
    }

    @Override
    public byte readByte() {
        return buffer.readByte();
    }

    @Override
    public short readShort() {
        return buffer.readShort();
    }

    @Override
    public int readInt() {
        return buffer.readInt();
    }

    @Override
    public long readLong() {
        return buffer.readLong();
    }

    @Override
    public double readDouble() {
        return buffer.readDouble();
    }

    @Override
    public byte[] readArray(int length) {
        byte[] bytes = new byte[checked(length)];
        buffer.readBytes(bytes);
        return bytes;
    }

    @Override
    public String readString(int length) {
        String text =
                buffer.toString(buffer.readerIndex(), checked(length), StandardCharsets.UTF_8);
        buffer.skipBytes(length);
        return text;
    }

    @Override
    public ByteBuffer readByteBuffer(int length) {
        ByteBuffer view = buffer.nioBuffer(buffer.readerIndex(), checked(length));
        buffer.skipBytes(length);
        return view;
    }

    @Override
    public int readUnsignedVarint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte next = buffer.readByte();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedRequestException("varint longer than 5 bytes");
    }

    @Override
    public int readVarint() {
        int value = readUnsignedVarint();
        return (value >>> 1) ^ -(value & 1);
    }

    @Override
    public long readVarlong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte next = buffer.readByte();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new MalformedRequestException("varlong longer than 10 bytes");
    }

    /** What bounds the length of a declared array; see the constant above. */
    @Override
    public int remaining() {
        return Math.min(buffer.readableBytes(), MAX_ARRAY_ELEMENTS);
    }

    @Override
    public Readable slice() {
        return new ByteBufReadable(buffer.slice());
    }

    private int checked(int length) {
        if (length < 0 || length > buffer.readableBytes()) {
            throw new MalformedRequestException(
                    "field of " + length + " bytes, " + buffer.readableBytes() + " are left");
        }
        return length;
    }
}
