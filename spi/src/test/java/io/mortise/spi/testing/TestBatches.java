// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Record batches for engines, which look at headers only: the records are noise under a true CRC.
 */
public final class TestBatches {
    private TestBatches() {}

    /** One stamped batch. */
    public static ByteBuffer batch(
            long baseOffset,
            int leaderEpoch,
            int records,
            int recordBytes,
            long timestampMillis,
            long seed) {
        byte[] noise = new byte[recordBytes];
        new Random(seed).nextBytes(noise);
        ByteBuffer batch = ByteBuffer.allocate(BatchHeader.SIZE + recordBytes);
        batch.putLong(BatchHeader.BASE_OFFSET, baseOffset);
        batch.putInt(BatchHeader.LENGTH, batch.capacity() - BatchHeader.OVERHEAD);
        batch.putInt(BatchHeader.LEADER_EPOCH, leaderEpoch);
        batch.put(BatchHeader.MAGIC, (byte) 2);
        batch.putInt(BatchHeader.LAST_OFFSET_DELTA, records - 1);
        batch.putLong(BatchHeader.BASE_TIMESTAMP, timestampMillis);
        batch.putLong(BatchHeader.MAX_TIMESTAMP, timestampMillis);
        batch.putLong(BatchHeader.PRODUCER_ID, -1);
        batch.putShort(BatchHeader.PRODUCER_EPOCH, (short) -1);
        batch.putInt(BatchHeader.BASE_SEQUENCE, -1);
        batch.putInt(BatchHeader.RECORD_COUNT, records);
        batch.put(BatchHeader.SIZE, noise);
        var crc = new CRC32C();
        crc.update(
                batch.array(), BatchHeader.ATTRIBUTES, batch.capacity() - BatchHeader.ATTRIBUTES);
        batch.putInt(BatchHeader.CRC, (int) crc.getValue());
        return batch;
    }

    /** Several one-record batches back to back. */
    public static ByteBuffer run(
            long baseOffset, int leaderEpoch, int batches, int recordBytes, long seed) {
        ByteBuffer run = ByteBuffer.allocate(batches * (BatchHeader.SIZE + recordBytes));
        for (int i = 0; i < batches; i++) {
            run.put(
                    batch(
                            baseOffset + i,
                            leaderEpoch,
                            1,
                            recordBytes,
                            1000 + baseOffset + i,
                            seed + i));
        }
        return run.flip();
    }

    /** Appends one batch at the log's end and returns it. */
    public static ByteBuffer append(
            LogStorage log, int leaderEpoch, int records, int recordBytes, long seed)
            throws IOException {
        long base = log.endOffset();
        ByteBuffer batch = batch(base, leaderEpoch, records, recordBytes, 1000 + base, seed);
        log.append(leaderEpoch, base, base + records, batch.duplicate());
        return batch;
    }

    /** The bytes between position and limit. */
    public static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    /** The bytes of a slice, whichever kind its parts are of; the slice stays open. */
    public static byte[] bytes(LogSlice slice) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(slice.sizeInBytes());
        for (LogSlice.Part part : slice.parts()) {
            copy(part, all);
        }
        if (all.hasRemaining()) {
            throw new IOException(
                    "the parts hold "
                            + all.position()
                            + " bytes, the slice says "
                            + all.capacity());
        }
        return all.array();
    }

    private static void copy(LogSlice.Part part, ByteBuffer target) throws IOException {
        switch (part) {
            case LogSlice.Memory memory -> target.put(memory.bytes().duplicate());
            case LogSlice.Region region -> {
                ByteBuffer window = target.slice(target.position(), region.length());
                int read = region.file().read(window, region.position());
                if (read != region.length()) {
                    throw new IOException(
                            "the region ends after " + read + " of " + region.length() + " bytes");
                }
                target.position(target.position() + read);
            }
        }
    }

    /** All bytes from {@code offset} to the end, by as many reads as it takes. */
    public static byte[] readAll(LogStorage log, long offset, int maxBytes) throws IOException {
        var all = new java.io.ByteArrayOutputStream();
        long next = offset;
        while (next < log.endOffset()) {
            try (LogSlice slice = log.read(next, Long.MAX_VALUE, maxBytes)) {
                if (slice.nextOffset() <= next) {
                    throw new IOException("no progress at " + next + " of " + log.endOffset());
                }
                all.writeBytes(bytes(slice));
                next = slice.nextOffset();
            }
        }
        return all.toByteArray();
    }
}
