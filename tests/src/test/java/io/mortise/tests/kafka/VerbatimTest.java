// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.kafka;

import static org.apache.kafka.common.record.internal.ControlRecordType.ABORT;
import static org.apache.kafka.common.record.internal.ControlRecordType.COMMIT;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.spi.TenantId;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.testing.Await;

import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/** What a Kafka client writes is on the log as it wrote it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerbatimTest {
    private static final short PRODUCE = 0;
    private static final short VERSION = 9;

    private KafkaBroker broker;

    @BeforeAll
    void start(@TempDir Path data) throws Exception {
        broker = new KafkaBroker(data);
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void aBatchStaysByteForByteWhateverItsCodec(CompressionType codec) throws Exception {
        String topic = "verbatim-" + codec.name;
        create(topic);
        MemoryRecords records =
                MemoryRecords.withRecords(
                        Compression.of(codec).build(),
                        new SimpleRecord(5, "a".getBytes(StandardCharsets.UTF_8), new byte[300]),
                        new SimpleRecord(3, null, new byte[300]));
        ByteBuffer sent = records.buffer().duplicate();
        assertThat(produce(topic, records)).isZero();
        ByteBuffer kept = ByteBuffer.wrap(read(topic));
        assertThat(kept.remaining()).isEqualTo(sent.remaining());
        assertThat(BatchHeader.crc(kept, 0)).isEqualTo(BatchHeader.crc(sent, 0));
        assertThat(kept.position(BatchHeader.CRC)).isEqualTo(sent.position(BatchHeader.CRC));
    }

    @Test
    void aBatchThatClaimsToBeTheBrokersIsRefused() throws Exception {
        MemoryRecords records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[9]));
        ByteBuffer forged = records.buffer();
        forged.putShort(BatchHeader.ATTRIBUTES, (short) BatchHeader.BROKER_BUILT);
        var crc = new CRC32C();
        crc.update(forged.duplicate().position(BatchHeader.ATTRIBUTES));
        forged.putInt(BatchHeader.CRC, (int) crc.getValue());
        assertRefused("claims", records, Errors.INVALID_RECORD);
    }

    @Test
    void markersOfTransactionsAreNoClientsToWrite() throws Exception {
        for (ControlRecordType type : EnumSet.of(COMMIT, ABORT)) {
            MemoryRecords marker =
                    MemoryRecords.withEndTransactionMarker(
                            7, (short) 0, new EndTransactionMarker(type, 0));
            assertRefused("markers-" + type.name(), marker, Errors.INVALID_RECORD);
        }
    }

    @Test
    void batchesOfTransactionsAreRefused() throws Exception {
        MemoryRecords records =
                MemoryRecords.withTransactionalRecords(
                        Compression.NONE, 7, (short) 0, 0, new SimpleRecord(new byte[9]));
        assertRefused("transactional", records, Errors.INVALID_TXN_STATE);
    }

    private void assertRefused(String topic, MemoryRecords records, Errors error) throws Exception {
        create(topic);
        assertThat(Errors.forCode(produce(topic, records))).isEqualTo(error);
        assertThat(partition(topic).logEndOffset()).isZero();
    }

    @Test
    void keysHeadersAndTimestampsComeBackAsTheyWere() throws Exception {
        Header[] headers = {
            new RecordHeader("b", "1".getBytes(StandardCharsets.UTF_8)),
            new RecordHeader("a", null),
            new RecordHeader("b", new byte[0]),
            new RecordHeader("m.q", new byte[] {7})
        };
        try (var producer = broker.producer();
                var consumer = broker.consumer()) {
            producer.send(new ProducerRecord<>("fields", 0, 1234L, null, "x", List.of(headers)));
            producer.send(new ProducerRecord<>("fields", 0, 1L, "", null, List.of())).get();
            consumer.assign(List.of(new TopicPartition("fields", 0)));
            List<ConsumerRecord<String, String>> records = KafkaBroker.poll(consumer, 2);
            assertThat(records.get(0).key()).isNull();
            assertThat(records.get(0).timestamp()).isEqualTo(1234L);
            assertThat(records.get(0).headers().toArray()).isEqualTo(headers);
            assertThat(records.get(1).key()).isEmpty();
            assertThat(records.get(1).value()).isNull();
            assertThat(records.get(1).timestamp()).isEqualTo(1L);
        }
    }

    private void create(String topic) throws Exception {
        try (var admin = broker.admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
            Await.until("a leader of " + topic, () -> partition(topic) != null);
        }
    }

    private Partition partition(String topic) {
        return broker.broker().broker().topics().find(TenantId.DEFAULT, topic).partition(0);
    }

    private byte[] read(String topic) throws Exception {
        var read = new CompletableFuture<FetchedBatches>();
        partition(topic)
                .read(
                        0,
                        1 << 20,
                        Partition.Visibility.COMMITTED,
                        Runnable::run,
                        (batches, refusal) -> read.complete(batches));
        try (FetchedBatches batches = read.get(10, TimeUnit.SECONDS)) {
            return bytes(batches.parts().getFirst());
        }
    }

    private static byte[] bytes(FetchedBatches.Part part) throws IOException {
        byte[] bytes = new byte[part.length()];
        switch (part) {
            case FetchedBatches.Memory memory ->
                    memory.bytes().getBytes(memory.bytes().readerIndex(), bytes);
            case FetchedBatches.Region region ->
                    region.file().read(ByteBuffer.wrap(bytes), region.position());
        }
        return bytes;
    }

    /** Sends the batch as it is and returns the partition's error code. */
    private short produce(String topic, MemoryRecords records) throws IOException {
        var data =
                new ProduceRequestData.TopicProduceData()
                        .setName(topic)
                        .setPartitionData(
                                List.of(
                                        new ProduceRequestData.PartitionProduceData()
                                                .setRecords(records)));
        var request =
                new ProduceRequestData()
                        .setAcks((short) -1)
                        .setTopicData(
                                new ProduceRequestData.TopicProduceDataCollection(
                                        List.of(data).iterator()));
        var header =
                new RequestHeaderData().setRequestApiKey(PRODUCE).setRequestApiVersion(VERSION);
        byte[] head = bytes(MessageUtil.toByteBufferAccessor(header, (short) 2).buffer());
        byte[] body = bytes(MessageUtil.toByteBufferAccessor(request, VERSION).buffer());
        try (Socket socket = new Socket("127.0.0.1", broker.broker().port("kafka"))) {
            ByteBuffer frame = ByteBuffer.allocate(4 + head.length + body.length);
            frame.putInt(head.length + body.length).put(head).put(body);
            socket.getOutputStream().write(frame.array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readInt()];
            in.readFully(answer);
            var response =
                    new ProduceResponseData(
                            new ByteBufferAccessor(
                                    ByteBuffer.wrap(Arrays.copyOfRange(answer, 5, answer.length))),
                            VERSION);
            return response.responses()
                    .iterator()
                    .next()
                    .partitionResponses()
                    .getFirst()
                    .errorCode();
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
