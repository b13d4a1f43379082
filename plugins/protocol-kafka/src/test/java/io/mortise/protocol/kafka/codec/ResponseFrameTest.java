// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.runtime.StorageFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Records go out between the bytes of the response, from memory and from files, and what was lent
 * comes back.
 */
class ResponseFrameTest {
    private static final short VERSION = 12;

    @TempDir Path directory;

    private FileChannel file;
    private final List<Lent> lent = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        file =
                FileChannel.open(
                        directory.resolve("log"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        file.write(ByteBuffer.wrap(new byte[7]));
        file.write(records("from the file").buffer());
    }

    @AfterEach
    void close() throws IOException {
        file.close();
    }

    private static MemoryRecords records(String value) {
        return MemoryRecords.withRecords(
                Compression.NONE,
                new SimpleRecord(value.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private FetchedBatches memory(String value) {
        ByteBuf bytes = Unpooled.wrappedBuffer(records(value).buffer());
        return lend(new FetchedBatches.Memory(bytes));
    }

    private FetchedBatches region() {
        int length = records("from the file").sizeInBytes();
        return lend(new FetchedBatches.Region(new ChannelFile(file), 7, length));
    }

    private FetchedBatches lend(FetchedBatches.Part part) {
        Lent batches = new Lent(part);
        lent.add(batches);
        return batches;
    }

    private static final class Lent implements FetchedBatches {
        private final Part part;
        private int closed;

        Lent(Part part) {
            this.part = part;
        }

        @Override
        public long baseOffset() {
            return 0;
        }

        @Override
        public long nextOffset() {
            return 1;
        }

        @Override
        public int sizeInBytes() {
            return part.length();
        }

        @Override
        public List<Part> parts() {
            return List.of(part);
        }

        @Override
        public void close() {
            closed++;
            if (part instanceof Memory memory) {
                memory.bytes().release();
            }
        }
    }

    private ResponseFrame encode(boolean sendFile) throws IOException {
        FetchResponseData response = new FetchResponseData();
        FetchableTopicResponse topic = new FetchableTopicResponse().setTopic("t");
        response.responses().add(topic);
        topic.partitions().add(partition(0, memory("from memory"), sendFile));
        topic.partitions()
                .add(new PartitionData().setPartitionIndex(1).setRecords(MemoryRecords.EMPTY));
        topic.partitions().add(partition(2, region(), sendFile));
        topic.partitions().add(partition(3, memory("again"), sendFile));
        return ResponseFrame.encode(
                UnpooledByteBufAllocator.DEFAULT, 5, (short) 1, response, VERSION);
    }

    private static PartitionData partition(int index, FetchedBatches batches, boolean sendFile)
            throws IOException {
        return new PartitionData()
                .setPartitionIndex(index)
                .setRecords(new RecordSlices(batches, sendFile, UnpooledByteBufAllocator.DEFAULT));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readsAsOneResponse(boolean sendFile) throws IOException {
        EmbeddedChannel channel = new EmbeddedChannel();
        encode(sendFile).write(channel);
        assertThat(lent).extracting(batches -> batches.closed).containsOnly(0);
        channel.flush();
        ByteBuffer bytes = ByteBuffer.wrap(drain(channel));
        assertThat(bytes.getInt()).isEqualTo(bytes.remaining());
        assertThat(bytes.getInt()).isEqualTo(5);
        assertThat(bytes.get()).isZero();
        FetchResponseData read = new FetchResponseData(new ByteBufferAccessor(bytes), VERSION);
        assertThat(bytes.hasRemaining()).isFalse();
        List<PartitionData> partitions = read.responses().getFirst().partitions();
        assertThat(partitions.get(0).records()).isEqualTo(records("from memory"));
        assertThat(partitions.get(1).records().sizeInBytes()).isZero();
        assertThat(partitions.get(2).records()).isEqualTo(records("from the file"));
        assertThat(partitions.get(3).records()).isEqualTo(records("again"));
        assertThat(lent).extracting(batches -> batches.closed).containsOnly(1);
        assertThat(file.isOpen()).isTrue();
    }

    @Test
    void whatIsNeverSentComesBackToo() throws IOException {
        encode(true).release();
        assertThat(lent).extracting(batches -> batches.closed).containsOnly(1);
        assertThat(file.isOpen()).isTrue();
    }

    private static byte[] drain(EmbeddedChannel channel) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Object part;
        while ((part = channel.readOutbound()) != null) {
            if (part instanceof FileRegion region) {
                region.transferTo(Channels.newChannel(out), 0);
            } else if (part instanceof ByteBuf bytes) {
                bytes.readBytes(out, bytes.readableBytes());
            }
            ReferenceCountUtil.release(part);
        }
        return out.toByteArray();
    }

    /** A file that is only read. */
    private record ChannelFile(FileChannel channel) implements StorageFile {
        @Override
        public String path() {
            return "log";
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return channel.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(ByteBuffer[] sources, long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void force() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void allocate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
