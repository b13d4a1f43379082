// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench;

import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Produces records at a fixed rate with Kafka's own client, acks=all and no lingering, in ticks of
 * a millisecond, whatever the broker does. Latency counts from the tick's time to the callback, so
 * that a pause shows in every record it held up.
 */
public final class KafkaFlow {
    private static final long LONGEST_NANOS = 60_000_000_000L;
    private static final long TICK_NANOS = 1_000_000;
    private static final long TICKS_PER_SECOND = 1_000;

    private final Histogram latencies = new Histogram(LONGEST_NANOS, 3); // of the sender's thread
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final KafkaProducer<byte[], byte[]> producer;
    private final ProducerRecord<byte[], byte[]> next;
    private final long perTick;
    private volatile boolean recording;

    private KafkaFlow(Options options) {
        producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers", options.text("bootstrap"),
                                "acks", "all",
                                "linger.ms", "0",
                                "batch.size", "131072",
                                "buffer.memory", "134217728"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        next = new ProducerRecord<>(options.text("topic"), new byte[options.number("size", 1024)]);
        perTick = options.number("rate") / TICKS_PER_SECOND;
    }

    /** Runs as the class says; prints one line {@code RESULT key=value ...}. */
    public static void main(String[] arguments) throws Exception {
        var options = new Options(arguments);
        var flow = new KafkaFlow(options);
        long pid = options.number("pid");
        flow.send(options.number("warmup", 5));
        double cpuBefore = ProcessUsage.cpuSeconds(pid);
        long before = flow.answered.get();
        long begun = System.nanoTime();
        flow.recording = true;
        flow.send(options.number("seconds", 6));
        double cpu = ProcessUsage.cpuSeconds(pid) - cpuBefore;
        long count = flow.answered.get() - before;
        double elapsed = (System.nanoTime() - begun) / 1e9;
        flow.producer.close();
        flow.print(count, elapsed, cpu, ProcessUsage.rssMebibytes(pid));
        System.exit(flow.failed.get() == 0 ? 0 : 1);
    }

    private void send(int seconds) {
        long begun = System.nanoTime();
        for (long tick = 0; tick < seconds * TICKS_PER_SECOND; tick++) {
            long due = begun + tick * TICK_NANOS;
            for (long ahead; (ahead = due - System.nanoTime()) > 0; ) {
                LockSupport.parkNanos(ahead);
            }
            for (long i = 0; i < perTick; i++) {
                producer.send(next, (metadata, refused) -> answered(due, refused != null));
            }
        }
    }

    private void answered(long due, boolean refused) {
        if (refused) {
            failed.incrementAndGet();
        } else {
            answered.incrementAndGet();
        }
        if (recording) {
            latencies.recordValue(Math.clamp(System.nanoTime() - due, 0, LONGEST_NANOS));
        }
    }

    private void print(long count, double elapsed, double cpu, long rss) {
        System.out.printf(
                Locale.ROOT,
                "RESULT rate=%.0f ack_p50_us=%.0f ack_p99_us=%.0f ack_p999_us=%.0f ack_max_us=%.0f"
                        + " cpu_us=%.3f cores=%.2f rss_mib=%d failed=%d%n",
                count / elapsed,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                latencies.getValueAtPercentile(99.9) / 1e3,
                latencies.getMaxValue() / 1e3,
                cpu * 1e6 / count,
                cpu / elapsed,
                rss,
                failed.get());
    }
}
