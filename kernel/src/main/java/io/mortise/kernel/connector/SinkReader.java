// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.connector;

import io.mortise.kernel.record.BatchFormat;
import io.mortise.kernel.record.Decompressor;
import io.mortise.kernel.record.HeaderCursor;
import io.mortise.kernel.record.RecordCursor;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.connector.SinkRecord;
import io.mortise.spi.record.Header;
import io.mortise.spi.record.HeaderNames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads one partition for a sink, decoded. Blocks: for virtual threads. One thread at a time. */
final class SinkReader {
    private static final int FETCH_BYTES = 1 << 20;
    private static final int MAX_DECOMPRESSED_BYTES = 64 << 20;

    private final Partition partition;
    private final RecordCursor records = new RecordCursor();
    private final HeaderCursor headers = new HeaderCursor();
    private final Decompressor decompressor =
            new Decompressor(ByteBufAllocator.DEFAULT, MAX_DECOMPRESSED_BYTES);
    private volatile long position;

    SinkReader(Partition partition, long position) {
        this.partition = partition;
        this.position = position;
    }

    Partition partition() {
        return partition;
    }

    /** The next offset to read. */
    long position() {
        return position;
    }

    /** Records between the position and what may be read. */
    long lag() {
        return Math.max(0, partition.highWatermark() - position);
    }

    /**
     * Adds records from the position on, about a mebibyte of them, and moves the position behind
     * them; adds nothing at the end of the log.
     *
     * @throws ReadRefusedException the partition cannot be read now
     */
    void read(List<SinkRecord> into) throws ReadRefusedException, IOException {
        if (lag() == 0) {
            return;
        }
        try (FetchedBatches fetched = fetch()) {
            for (FetchedBatches.Part part : fetched.parts()) {
                switch (part) {
                    case FetchedBatches.Memory memory -> decode(memory.bytes(), into);
                    case FetchedBatches.Region region -> decode(region, into);
                }
            }
            position = Math.max(position, fetched.nextOffset());
        }
    }

    private FetchedBatches fetch() throws ReadRefusedException {
        FetchedBatches cached = partition.readCached(position, FETCH_BYTES, Visibility.COMMITTED);
        if (cached != null) {
            return cached;
        }
        CompletableFuture<FetchedBatches> answer = new CompletableFuture<>();
        CompletableFuture<Refusal> refused = new CompletableFuture<>();
        partition.read(
                position,
                FETCH_BYTES,
                Visibility.COMMITTED,
                Runnable::run,
                (batches, refusal) -> {
                    if (refusal != null) {
                        refused.complete(refusal);
                        answer.complete(null);
                    } else {
                        answer.complete(batches);
                    }
                });
        FetchedBatches batches = answer.join();
        if (batches == null) {
            throw new ReadRefusedException(refused.join());
        }
        return batches;
    }

    private void decode(FetchedBatches.Region region, List<SinkRecord> into) throws IOException {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.heapBuffer(region.length(), region.length());
        try {
            ByteBuffer target = bytes.nioBuffer(0, region.length());
            while (target.hasRemaining()) {
                if (region.file().read(target, region.position() + target.position()) < 0) {
                    throw new IOException(
                            region.file().path() + " ends before " + region.length() + " bytes");
                }
            }
            bytes.writerIndex(region.length());
            decode(bytes, into);
        } finally {
            bytes.release();
        }
    }

    private void decode(ByteBuf bytes, List<SinkRecord> into) throws IOException {
        int index = bytes.readerIndex();
        while (index < bytes.writerIndex()) {
            decodeBatch(bytes, index, into);
            index += BatchFormat.sizeBytes(bytes, index);
        }
    }

    private void decodeBatch(ByteBuf bytes, int index, List<SinkRecord> into) throws IOException {
        int attributes = BatchFormat.attributes(bytes, index);
        if ((attributes & BatchFormat.CONTROL) != 0) {
            return;
        }
        boolean brokerBuilt = (attributes & BatchFormat.BROKER_BUILT) != 0;
        if ((attributes & BatchFormat.COMPRESSION_MASK) == 0) {
            records.reset(bytes, index);
            add(brokerBuilt, index, bytes, into);
            return;
        }
        ByteBuf plain = decompressor.decompress(bytes, index);
        if (plain == null) {
            throw new IOException(unreadable(bytes, index, decompressor.fault().toString()));
        }
        try {
            records.reset(bytes, index, plain, plain.readerIndex(), plain.writerIndex());
            add(brokerBuilt, index, bytes, into);
        } finally {
            plain.release();
        }
    }

    private void add(boolean brokerBuilt, int index, ByteBuf batch, List<SinkRecord> into)
            throws IOException {
        while (records.next()) {
            if (records.offset() >= position) {
                into.add(record(brokerBuilt));
            }
        }
        if (records.malformed()) {
            throw new IOException(unreadable(batch, index, "malformed records"));
        }
        records.clear();
    }

    private SinkRecord record(boolean brokerBuilt) {
        return new SinkRecord(
                partition.topic().name(),
                partition.index(),
                records.offset(),
                records.timestampMillis(),
                bytes(records.keyIndex(), records.keyLength()),
                bytes(records.valueIndex(), records.valueLength()),
                headers(brokerBuilt));
    }

    private byte @Nullable [] bytes(int index, int length) {
        return length < 0 ? null : ByteBufUtil.getBytes(records.buffer(), index, length, true);
    }

    private List<Header> headers(boolean brokerBuilt) {
        if (records.headerCount() == 0) {
            return List.of();
        }
        List<Header> found = new ArrayList<>(records.headerCount());
        records.headers(headers);
        while (headers.next()) {
            ByteBuf buffer = headers.buffer();
            String name =
                    buffer.toString(
                            headers.nameIndex(), headers.nameLength(), StandardCharsets.UTF_8);
            if (!brokerBuilt || !name.startsWith(HeaderNames.RESERVED_PREFIX)) {
                int length = Math.max(0, headers.valueLength());
                found.add(
                        new Header(
                                name,
                                ByteBufUtil.getBytes(buffer, headers.valueIndex(), length, true)));
            }
        }
        return found;
    }

    private String unreadable(ByteBuf bytes, int index, String why) {
        return partition.logId()
                + ": the batch at offset "
                + BatchFormat.baseOffset(bytes, index)
                + " cannot be decoded: "
                + why;
    }

    /** The partition cannot be read now. */
    static final class ReadRefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Refusal refusal;

        ReadRefusedException(Refusal refusal) {
            super(refusal.toString(), null, false, false);
            this.refusal = refusal;
        }

        Refusal refusal() {
            return refusal;
        }
    }
}
