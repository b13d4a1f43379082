// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;

/** Makes and reads record batches, on the heap. */
final class Batches {
    private static final byte[] NO_KEY = {};

    private Batches() {}

    /** Records whose values begin with {@code id}, so that no two batches are alike. */
    static ByteBuf of(long id, long timestampMillis, int records, int valueBytes) {
        ByteBuf target = Unpooled.buffer(BatchHeader.SIZE + records * (valueBytes + 32));
        byte[] bytes = new byte[Long.BYTES + Integer.BYTES + valueBytes];
        ByteBuffer value = ByteBuffer.wrap(bytes).putLong(0, id);
        var builder = new BatchBuilder();
        builder.begin(target, 0);
        for (int i = 0; i < records; i++) {
            value.putInt(Long.BYTES, i);
            ByteBuf body = Unpooled.wrappedBuffer(bytes);
            builder.append(timestampMillis, NO_KEY, 0, -1, body, Unpooled.EMPTY_BUFFER, 0);
        }
        builder.finish();
        return target;
    }

    /** As above, each record with a key of one byte that is drawn, some of them tombstones. */
    static ByteBuf keyed(
            long id, long timestampMillis, int records, int valueBytes, RandomGenerator random) {
        ByteBuf target = Unpooled.buffer(BatchHeader.SIZE + records * (valueBytes + 33));
        byte[] bytes = new byte[Long.BYTES + Integer.BYTES + valueBytes];
        ByteBuffer value = ByteBuffer.wrap(bytes).putLong(0, id);
        var builder = new BatchBuilder();
        builder.begin(target, 0);
        for (int i = 0; i < records; i++) {
            value.putInt(Long.BYTES, i);
            byte[] key = {(byte) random.nextInt(KeyedRecords.KEYS)};
            ByteBuf body = random.nextInt(5) == 0 ? null : Unpooled.wrappedBuffer(bytes);
            builder.append(timestampMillis, key, 0, 1, body, Unpooled.EMPTY_BUFFER, 0);
        }
        builder.finish();
        return target;
    }

    /** Makes it a batch of an idempotent producer. */
    static ByteBuf by(ByteBuf batch, long producerId, int epoch, int sequence) {
        batch.setLong(BatchHeader.PRODUCER_ID, producerId);
        batch.setShort(BatchHeader.PRODUCER_EPOCH, epoch);
        batch.setInt(BatchHeader.BASE_SEQUENCE, sequence);
        batch.setInt(BatchHeader.CRC, crc(batch.nioBuffer(), 0));
        return batch;
    }

    /** The checksum that the batch at {@code at} should have. */
    static int crc(ByteBuffer batches, int at) {
        var crc = new CRC32C();
        int size = BatchHeader.sizeInBytes(batches, at);
        crc.update(batches.slice(at + BatchHeader.ATTRIBUTES, size - BatchHeader.ATTRIBUTES));
        return (int) crc.getValue();
    }

    /** The bytes of a part, wherever it lies. */
    static ByteBuffer bytes(FetchedBatches.Part part) throws IOException {
        return switch (part) {
            case FetchedBatches.Memory memory -> memory.bytes().nioBuffer();
            case FetchedBatches.Region region -> read(region);
        };
    }

    private static ByteBuffer read(FetchedBatches.Region region) throws IOException {
        var bytes = ByteBuffer.allocate(region.length());
        while (bytes.hasRemaining()) {
            if (region.file().read(bytes, region.position() + bytes.position()) < 0) {
                throw new EOFException(region.file().path() + " ends too early");
            }
        }
        return bytes.flip();
    }
}
