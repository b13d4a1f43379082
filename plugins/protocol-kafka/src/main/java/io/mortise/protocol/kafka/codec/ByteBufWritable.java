// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.codec;

import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Kafka's generated messages write to this. {@link RecordSlices} are not copied: only the place
 * where they belong is noted.
 */
final class ByteBufWritable implements Writable {
    /** Records that belong at an index of the buffer. */
    record Splice(int index, RecordSlices records) {}

    private final ByteBuf buffer;
    private final List<Splice> splices = new ArrayList<>(0);

    ByteBufWritable(ByteBuf buffer) {
        this.buffer = buffer;
    }

    List<Splice> splices() {
        return splices;
    }

    @Override
    public void writeByte(byte val) {
        buffer.writeByte(val);
    }

    @Override
    public void writeShort(short val) {
        buffer.writeShort(val);
    }

    @Override
    public void writeInt(int val) {
        buffer.writeInt(val);
    }

    @Override
    public void writeLong(long val) {
        buffer.writeLong(val);
    }

    @Override
    public void writeDouble(double val) {
        buffer.writeDouble(val);
    }

    @Override
    public void writeByteArray(byte[] arr) {
        buffer.writeBytes(arr);
    }

    @Override
    public void writeUnsignedVarint(int i) {
        int rest = i;
        while ((rest & 0xffffff80) != 0) {
            buffer.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte(rest);
    }

    @Override
    public void writeByteBuffer(ByteBuffer buf) {
        buffer.writeBytes(buf.duplicate());
    }

    @Override
    public void writeVarint(int i) {
        writeUnsignedVarint((i << 1) ^ (i >> 31));
    }

    @Override
    public void writeVarlong(long i) {
        long rest = (i << 1) ^ (i >> 63);
        while ((rest & 0xffffffffffffff80L) != 0) {
            buffer.writeByte((int) rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte((int) rest);
    }

    @Override
    public void writeRecords(BaseRecords records) {
        if (records instanceof RecordSlices slices) {
            splices.add(new Splice(buffer.writerIndex(), slices));
        } else {
            Writable.super.writeRecords(records);
        }
    }
}
