// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.tests.partition;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.kernel.partition.PartitionUnderTest;
import io.mortise.kernel.record.TransactionMarker;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition.AppendResult;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * The same batches to a partition and to Apache Kafka's own log: the same offsets, errors, last
 * stable offset, aborted transactions, look-ups by timestamp, and the same records and batches
 * after the same compactions. Known differences: a duplicate older than five batches has an error
 * of its own here, nothing but sequence 0 is taken from a producer that is not known, and the
 * greatest timestamp is always that of a record.
 */
final class DifferentialTest {
    private static final int STEPS = 250;
    private static final long DELETE_RETENTION = 1_000_000;
    private static final long TIME = 1_700_000_000_000L;
    private static final int MAX_TIMESTAMP = -3;

    static LongStream seeds() {
        return LongStream.range(0, Boolean.getBoolean("mortise.deep") ? 500 : 5);
    }

    @TempDir Path directory;

    @ParameterizedTest
    @MethodSource("seeds")
    void bothAnswerTheSame(long seed) throws Exception {
        try (var ours = new PartitionUnderTest(DELETE_RETENTION);
                var theirs = new UnifiedLogUnderTest(directory, DELETE_RETENTION)) {
            new Run(new Random(seed), ours, theirs).run();
        }
    }

    /** What a client would know of itself. */
    private static final class Producer {
        private final long id;
        private short epoch;
        private int sequence;
        private boolean known;
        private boolean inTransaction;

        Producer(long id) {
            this.id = id;
        }
    }

    private static final class Run {
        private final Random random;
        private final PartitionUnderTest ours;
        private final UnifiedLogUnderTest theirs;
        private final List<Producer> producers = new ArrayList<>();
        private long time = TIME;
        private long now = TIME * 2;
        private long cleaned;
        private int coordinatorEpoch;

        Run(Random random, PartitionUnderTest ours, UnifiedLogUnderTest theirs) {
            this.random = random;
            this.ours = ours;
            this.theirs = theirs;
            for (int i = 0; i < 4; i++) {
                producers.add(new Producer(100 + i));
            }
        }

        void run() throws Exception {
            for (int i = 0; i < STEPS; i++) {
                step();
                check();
            }
            compact();
            checkRecords();
        }

        private void step() throws Exception {
            Producer producer = producers.get(random.nextInt(producers.size()));
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3 -> append(MemoryRecords.withRecords(compression(), records()));
                case 4, 5, 6, 7, 8, 9 -> produce(producer, false);
                case 10, 11, 12, 13 -> produce(producer, true);
                case 14, 15, 16 -> end(producer, random.nextBoolean());
                case 17 -> reopen();
                case 18 -> {
                    compact();
                    checkRecords();
                }
                default -> checkRecords();
            }
        }

        /** Without its state file a log knows only what compaction left, which may be less. */
        private void reopen() {
            if (cleaned == 0 && random.nextBoolean()) {
                ours.crash();
            } else {
                ours.restart();
            }
        }

        private Compression compression() {
            CompressionType[] types = CompressionType.values();
            return Compression.of(types[random.nextInt(types.length)]).build();
        }

        private SimpleRecord[] records() {
            SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(4)];
            for (int i = 0; i < records.length; i++) {
                time += random.nextInt(20) - 5;
                byte[] key = ("k" + random.nextInt(10)).getBytes(UTF_8);
                byte[] value = ("v" + random.nextInt()).getBytes(UTF_8);
                records[i] = new SimpleRecord(time, key, random.nextInt(6) == 0 ? null : value);
            }
            return records;
        }

        /** Mostly as a client would, sometimes again, too late, too early, or as a zombie. */
        private void produce(Producer producer, boolean transactional) throws Exception {
            int sequence = producer.sequence;
            short epoch = producer.epoch;
            if (producer.known) {
                switch (random.nextInt(12)) {
                    case 0 -> sequence += 1 + random.nextInt(3);
                    case 1, 2 -> sequence = Math.max(0, sequence - 1 - random.nextInt(6));
                    case 3 -> epoch = (short) Math.max(0, epoch - 1);
                    case 4 -> {
                        epoch++;
                        sequence = random.nextInt(4) == 0 ? 1 : 0;
                    }
                    default -> {}
                }
            }
            SimpleRecord[] records = records();
            boolean inside = transactional || producer.inTransaction && random.nextInt(5) > 0;
            MemoryRecords batch =
                    inside
                            ? MemoryRecords.withTransactionalRecords(
                                    compression(), producer.id, epoch, sequence, records)
                            : MemoryRecords.withIdempotentRecords(
                                    compression(), producer.id, epoch, sequence, records);
            if (append(batch)) {
                producer.known = true;
                producer.epoch = epoch;
                producer.sequence = sequence + records.length;
                producer.inTransaction |= inside;
            }
        }

        /** Whether both placed it. */
        private boolean append(MemoryRecords records) throws Exception {
            ByteBuffer copy = ByteBuffer.allocate(records.sizeInBytes());
            copy.put(records.buffer().duplicate()).flip();
            AppendResult result = ours.append(copy);
            String expected = theirs.append(records.buffer().duplicate());
            assertThat(text(result)).isEqualTo(expected);
            return result.refusal() == null && !result.duplicate();
        }

        private static String text(AppendResult result) {
            Refusal refusal = result.refusal();
            if (refusal != null) {
                String name = refusal.reason().name();
                return name.equals("DUPLICATE_SEQUENCE") ? "OUT_OF_ORDER_SEQUENCE" : name;
            }
            String where = result.baseOffset() + "-" + (result.endOffset() - 1);
            return result.duplicate() ? "duplicate of " + where : where;
        }

        private void end(Producer producer, boolean commit) throws Exception {
            int version = 1 + random.nextInt(2);
            short epoch = producer.epoch;
            if (version == 2) {
                epoch++;
            }
            epoch = (short) Math.max(0, epoch - (random.nextInt(6) == 0 ? 1 : 0));
            coordinatorEpoch += random.nextInt(10) == 0 ? 1 : 0;
            int coordinator = Math.max(0, coordinatorEpoch - (random.nextInt(8) == 0 ? 1 : 0));
            end(producer, epoch, commit, coordinator, version);
        }

        private void end(
                Producer producer, short epoch, boolean commit, int coordinator, int version)
                throws Exception {
            var marker = new TransactionMarker(producer.id, epoch, commit, coordinator);
            ControlRecordType type = commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
            AppendResult result = ours.end(marker, version);
            String expected =
                    theirs.end(
                            producer.id,
                            epoch,
                            new EndTransactionMarker(type, coordinator),
                            version,
                            millisOf(result));
            assertThat(text(result)).isEqualTo(expected);
            if (result.refusal() == null) {
                if (epoch != producer.epoch) {
                    producer.sequence = 0;
                }
                producer.epoch = epoch;
                producer.known = true;
                producer.inTransaction = false;
            }
        }

        /** The time that our marker carries, so that theirs carries it too. */
        private long millisOf(AppendResult result) {
            for (ByteBuffer batch : ours.batches()) {
                RecordBatch read = read(batch);
                if (read.baseOffset() == result.baseOffset()) {
                    return read.maxTimestamp();
                }
            }
            return time;
        }

        private void check() {
            var partition = ours.partition();
            assertThat(partition.logEndOffset()).isEqualTo(theirs.end());
            assertThat(partition.highWatermark()).isEqualTo(theirs.end());
            assertThat(partition.lastStableOffset()).isEqualTo(theirs.lastStable());
            long from = random.nextLong(theirs.end() + 1);
            long to = from + random.nextInt(40);
            assertThat(partition.abortedTransactions(from, to))
                    .extracting(it -> it.producerId() + "@" + it.firstOffset())
                    .containsExactlyElementsOf(
                            theirs.aborted(from, to).stream()
                                    .map(it -> it.producerId() + "@" + it.firstOffset())
                                    .toList());
            long timestamp = TIME + random.nextLong(Math.max(1, time - TIME + 100));
            assertThat(ours.offsetFor(timestamp)).isEqualTo(theirs.offsetFor(timestamp));
            long greatest = theirs.offsetFor(MAX_TIMESTAMP);
            if (greatest >= 0 || theirs.end() == 0) {
                assertThat(ours.offsetOfMaxTimestamp()).isEqualTo(greatest);
            } // Kafka finds nothing where a batch that compaction emptied had the greatest
        }

        /** Ends what is open first: the two choose differently where to stop before it. */
        private void compact() throws Exception {
            for (Producer producer : producers) {
                if (producer.inTransaction) {
                    end(producer, producer.epoch, random.nextBoolean(), coordinatorEpoch, 1);
                }
            }
            now += random.nextLong(DELETE_RETENTION);
            long end = theirs.end();
            if (end == cleaned) {
                return; // Kafka looks at nothing then
            }
            ours.compact(cleaned, now);
            theirs.compact(cleaned, now);
            cleaned = end;
        }

        private void checkRecords() {
            List<RecordBatch> found = ours.batches().stream().map(Run::read).toList();
            assertThat(found)
                    .extracting(Run::text)
                    .containsExactlyElementsOf(theirs.batches().stream().map(Run::text).toList());
        }

        private static RecordBatch read(ByteBuffer batch) {
            RecordBatch read = MemoryRecords.readableRecords(batch).batches().iterator().next();
            read.ensureValid();
            return read;
        }

        private static String text(RecordBatch batch) {
            StringBuilder text = new StringBuilder();
            text.append(batch.baseOffset()).append('-').append(batch.lastOffset());
            text.append(" by ").append(batch.producerId()).append('/');
            text.append(batch.producerEpoch()).append(" from ").append(batch.baseSequence());
            text.append(batch.isTransactional() ? " transactional" : "");
            text.append(batch.isControlBatch() ? " control" : "");
            text.append(" until ").append(batch.maxTimestamp());
            text.append(" horizon ").append(batch.deleteHorizonMs().orElse(-1));
            text.append(' ').append(batch.compressionType()).append(':');
            for (Record record : batch) {
                text.append(' ').append(record.offset()).append('@').append(record.timestamp());
                text.append(text(record.key())).append('=').append(text(record.value()));
            }
            return text.toString();
        }

        private static String text(@Nullable ByteBuffer bytes) {
            return bytes == null ? "null" : UTF_8.decode(bytes.duplicate()).toString();
        }
    }
}
