// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.GZIPOutputStream;

/** Makes and reads the batches of these tests; buffers are on the heap and need no release. */
final class Batches {
    private Batches() {}

    /** One batch of text records. */
    static ByteBuf of(String... values) {
        return at(1_000, values);
    }

    /** Records with timestamps from {@code timestampMillis} on, one millisecond apart. */
    static ByteBuf at(long timestampMillis, String... values) {
        ByteBuf target = Unpooled.buffer();
        var builder = new BatchBuilder();
        builder.begin(target, 0);
        for (int i = 0; i < values.length; i++) {
            ByteBuf value = Unpooled.copiedBuffer(values[i], StandardCharsets.UTF_8);
            builder.append(timestampMillis + i, null, value, Unpooled.EMPTY_BUFFER, 0);
        }
        builder.finish();
        return target;
    }

    /** A batch of an idempotent producer. */
    static ByteBuf by(long producerId, int epoch, int sequence, String... values) {
        ByteBuf batch = of(values);
        batch.setLong(BatchHeader.PRODUCER_ID, producerId);
        batch.setShort(BatchHeader.PRODUCER_EPOCH, epoch);
        batch.setInt(BatchHeader.BASE_SEQUENCE, sequence);
        batch.setInt(BatchHeader.CRC, crc(batch.nioBuffer()));
        return batch;
    }

    /** The same records, compressed. */
    static ByteBuf gzip(ByteBuf batch) {
        var records = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(records)) {
            batch.getBytes(BatchHeader.SIZE, out, batch.readableBytes() - BatchHeader.SIZE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ByteBuf target = Unpooled.buffer();
        target.writeBytes(batch, 0, BatchHeader.SIZE).writeBytes(records.toByteArray());
        target.setInt(BatchHeader.LENGTH, target.readableBytes() - BatchHeader.OVERHEAD);
        target.setShort(BatchHeader.ATTRIBUTES, 1);
        target.setInt(BatchHeader.CRC, crc(target.nioBuffer()));
        return target;
    }

    static int crc(ByteBuffer batch) {
        var crc = new CRC32C();
        int size = BatchHeader.sizeInBytes(batch, batch.position());
        crc.update(
                batch.slice(
                        batch.position() + BatchHeader.ATTRIBUTES, size - BatchHeader.ATTRIBUTES));
        return (int) crc.getValue();
    }

    /** All batches, each in a buffer of its own; checks every CRC. Closes {@code fetched}. */
    static List<ByteBuffer> split(FetchedBatches fetched) {
        List<ByteBuffer> all = new ArrayList<>();
        int bytes = 0;
        for (FetchedBatches.Part part : fetched.parts()) {
            ByteBuffer run = bytes(part);
            bytes += run.remaining();
            while (run.hasRemaining()) {
                int size = BatchHeader.sizeInBytes(run, run.position());
                ByteBuffer batch = ByteBuffer.allocate(size);
                batch.put(0, run, run.position(), size);
                run.position(run.position() + size);
                if (crc(batch) != BatchHeader.crc(batch, 0)) {
                    throw new AssertionError("corrupt at " + BatchHeader.baseOffset(batch, 0));
                }
                all.add(batch);
            }
        }
        if (bytes != fetched.sizeInBytes()) {
            throw new AssertionError(bytes + " bytes, not " + fetched.sizeInBytes());
        }
        fetched.close();
        return all;
    }

    /** The value of the batch's one record. */
    static String onlyValue(ByteBuffer batch) {
        var cursor = new RecordCursor();
        ByteBuf bytes = Unpooled.wrappedBuffer(batch);
        cursor.reset(bytes, 0);
        if (!cursor.next()) {
            throw new AssertionError("no record");
        }
        return bytes.toString(cursor.valueIndex(), cursor.valueLength(), StandardCharsets.UTF_8);
    }

    private static ByteBuffer bytes(FetchedBatches.Part part) {
        try {
            return SliceBytes.of(part);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
