// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;

import org.HdrHistogram.Histogram;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Saturates an MQTT broker with pairs: publisher i writes to topic PREFIX/pi, subscriber i reads
 * it. A publisher has at most {@code credit} messages under way, so nothing needs to be dropped.
 * One event loop does all, so the broker keeps a core of its own. With {@code --rate=N} the
 * publishers send N messages a second together, in ticks of a millisecond, whatever the broker
 * does: latencies count from the tick's time, so that a pause shows in every message it held up.
 *
 * <p>Payload: 8 bytes time of sending, 4 publisher, 4 sequence number from 1, zeros. The result
 * says count and hash of all that was published, warm-up included, for {@link TopicCheck}.
 */
public final class MqttFlow {
    private static final long LONGEST_NANOS = 60_000_000_000L;
    private static final long TICK_NANOS = 1_000_000;
    private static final int STAMPS = 1 << 16;
    private static final AtomicBoolean DONE = new AtomicBoolean();

    private final EventLoop loop;
    private final Publisher[] publishers;
    private final ArrayDeque<Publisher> ready = new ArrayDeque<>();
    private final Histogram latencies = new Histogram(LONGEST_NANOS, 3);
    private final Histogram acknowledgements = new Histogram(LONGEST_NANOS, 3);
    private final int perTick;
    private final int qos;
    private final int payloadBytes;
    private final int batch;
    private final int credit;
    private long tickNanos;
    private int turn;
    private boolean recording;
    private boolean publishing;
    private long sent;
    private long received;
    private long reordered;
    private long hash;

    /** What the loop has counted at one moment. */
    private record Counts(long sent, long received, long reordered, long hash) {}

    private MqttFlow(EventLoop loop, Options options) {
        this.loop = loop;
        this.qos = options.number("qos");
        this.payloadBytes = options.number("size", 64);
        this.batch = options.number("batch", 16);
        this.credit = options.number("credit", 100);
        this.perTick = options.number("rate", 0) / 1_000;
        this.publishers = new Publisher[options.number("pairs", 8)];
    }

    /** Runs as the class says; prints one line {@code RESULT key=value ...}. */
    public static void main(String[] arguments) throws Exception {
        Options options = new Options(arguments);
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        MqttFlow flow = new MqttFlow(group.next(), options);
        flow.connect(options, group);
        flow.measure(
                options.number("pid"), options.number("warmup", 15), options.number("seconds", 15));
        DONE.set(true);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    static void connectionLost(String clientId) {
        if (!DONE.get()) {
            System.err.println("FAILED: the broker closed " + clientId);
            Runtime.getRuntime().halt(1);
        }
    }

    private void connect(Options options, MultiThreadIoEventLoopGroup group) throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", options.number("port"));
        String prefix = options.text("prefix");
        CountDownLatch left = new CountDownLatch(2 * publishers.length);
        for (int i = 0; i < publishers.length; i++) {
            String topic = prefix + "/p" + i;
            publishers[i] = new Publisher(i, topic, left);
            dial(group, address, new Subscriber(i, topic, left));
        }
        while (left.getCount() > publishers.length) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        for (Publisher publisher : publishers) {
            dial(group, address, publisher);
        }
        if (!left.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException(left.getCount() + " connections never came up");
        }
    }

    private static void dial(
            MultiThreadIoEventLoopGroup group, InetSocketAddress address, MqttClient client) {
        new Bootstrap()
                .group(group)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(65_536))
                .option(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(64 * 1024, 256 * 1024))
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.pipeline().addLast(client);
                            }
                        })
                .connect(address)
                .syncUninterruptibly();
    }

    private void measure(long pid, int warmupSeconds, int seconds) throws Exception {
        loop.submit(this::begin).sync();
        TimeUnit.SECONDS.sleep(warmupSeconds);
        Counts first = loop.submit(() -> counts(true, true)).get();
        double cpuBefore = ProcessUsage.cpuSeconds(pid);
        double ownBefore = ProcessUsage.cpuSeconds(ProcessHandle.current().pid());
        long begun = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        Counts last = loop.submit(() -> counts(false, true)).get();
        double elapsed = (System.nanoTime() - begun) / 1e9;
        double cpu = ProcessUsage.cpuSeconds(pid) - cpuBefore;
        double own = ProcessUsage.cpuSeconds(ProcessHandle.current().pid()) - ownBefore;
        long rss = ProcessUsage.rssMebibytes(pid);
        Counts end = settle();
        long delivered = last.received - first.received;
        System.out.printf(
                Locale.ROOT,
                "RESULT rate=%.0f p50_us=%.0f p99_us=%.0f p999_us=%.0f cpu_us=%.3f cores=%.2f"
                        + " loader_cores=%.2f rss_mib=%d lost=%d reordered=%d published=%d"
                        + " hash=%016x ack_p50_us=%.0f ack_p99_us=%.0f ack_p999_us=%.0f"
                        + " ack_max_us=%.0f%n",
                delivered / elapsed,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                latencies.getValueAtPercentile(99.9) / 1e3,
                cpu * 1e6 / delivered,
                cpu / elapsed,
                own / elapsed,
                rss,
                end.sent - end.received,
                end.reordered,
                end.sent,
                end.hash,
                acknowledgements.getValueAtPercentile(50) / 1e3,
                acknowledgements.getValueAtPercentile(99) / 1e3,
                acknowledgements.getValueAtPercentile(99.9) / 1e3,
                acknowledgements.getMaxValue() / 1e3);
    }

    private void begin() {
        publishing = true;
        if (perTick > 0) {
            tickNanos = System.nanoTime();
            var _ = loop.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.MILLISECONDS);
            return;
        }
        for (Publisher publisher : publishers) {
            publisher.pump();
        }
    }

    /** Sends what is due, one publisher after the other. */
    private void tick() {
        while (publishing && tickNanos <= System.nanoTime()) {
            int share = Math.max(1, perTick / publishers.length);
            for (int left = perTick; left > 0; left -= share) {
                publishers[turn].write(Math.min(share, left), tickNanos);
                turn = (turn + 1) % publishers.length;
            }
            tickNanos += TICK_NANOS;
        }
    }

    private Counts counts(boolean record, boolean publish) {
        recording = record;
        publishing = publish;
        return new Counts(sent, received, reordered, hash);
    }

    /** Waits until everything has arrived, at most ten seconds. */
    private Counts settle() throws Exception {
        Counts counts = loop.submit(() -> counts(false, false)).get();
        for (int i = 0; i < 200 && counts.received < counts.sent; i++) {
            TimeUnit.MILLISECONDS.sleep(50);
            counts = loop.submit(() -> counts(false, false)).get();
        }
        return counts;
    }

    private void pumpReady() {
        Publisher next;
        while ((next = ready.poll()) != null) {
            next.queued = false;
            next.pump();
        }
    }

    /** Writes. */
    private final class Publisher extends MqttClient {
        private final int number;
        private final byte[] template;
        private final int identifierAt;
        private final int payloadAt;
        private final CountDownLatch left;
        private int sequence;
        private int arrived;
        private int identifier;
        private boolean queued;
        private final long[] stamps = new long[perTick > 0 ? STAMPS : 0];
        private int acknowledged;

        Publisher(int number, String topic, CountDownLatch left) {
            super("publisher-" + number);
            this.number = number;
            this.left = left;
            int identifierBytes = qos > 0 ? 2 : 0;
            int remaining = 2 + topic.length() + identifierBytes + payloadBytes;
            ByteBuf frame = io.netty.buffer.Unpooled.buffer(remaining + 5);
            frame.writeByte(0x30 | qos << 1);
            for (int rest = remaining; ; rest >>= 7) {
                if (rest < 0x80) {
                    frame.writeByte(rest);
                    break;
                }
                frame.writeByte(rest & 0x7F | 0x80);
            }
            text(frame, topic);
            identifierAt = frame.writerIndex();
            payloadAt = identifierAt + identifierBytes;
            template = new byte[payloadAt + payloadBytes];
            frame.getBytes(0, template, 0, identifierAt);
        }

        @Override
        void connected() {
            left.countDown();
        }

        void arrived() {
            arrived++;
            if (!queued) {
                queued = true;
                ready.add(this);
            }
        }

        @Override
        void acknowledged() {
            if (perTick > 0) {
                long nanos = System.nanoTime() - stamps[++acknowledged & (STAMPS - 1)];
                if (recording) {
                    acknowledgements.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
                }
            }
        }

        void pump() {
            while (publishing && perTick == 0 && context().channel().isWritable()) {
                int count = Math.min(batch, credit - (sequence - arrived));
                if (count <= 0) {
                    return;
                }
                write(count, System.nanoTime());
            }
        }

        void write(int count, long now) {
            ByteBuf out = context().alloc().directBuffer(count * template.length);
            for (int i = 0; i < count; i++) {
                int at = out.writerIndex();
                out.writeBytes(template);
                if (qos > 0) {
                    identifier = identifier == 0xFFFF ? 1 : identifier + 1;
                    out.setShort(at + identifierAt, identifier);
                }
                out.setLong(at + payloadAt, now);
                out.setInt(at + payloadAt + 8, number);
                out.setInt(at + payloadAt + 12, ++sequence);
                if (perTick > 0) {
                    stamps[sequence & (STAMPS - 1)] = now;
                }
                hash += PayloadHash.of(now, number, sequence);
            }
            sent += count;
            context().writeAndFlush(out, context().voidPromise());
        }
    }

    /** Reads. */
    private final class Subscriber extends MqttClient {
        private final String topic;
        private final CountDownLatch left;
        private int last;

        Subscriber(int number, String topic, CountDownLatch left) {
            super("subscriber-" + number);
            this.topic = topic;
            this.left = left;
        }

        @Override
        void connected() {
            subscribe(topic, qos);
        }

        @Override
        void subscribed() {
            left.countDown();
        }

        @Override
        void message(ByteBuf buffer, int index, int length) {
            received++;
            if (recording) {
                long nanos = System.nanoTime() - buffer.getLong(index);
                latencies.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
            }
            int sequence = buffer.getInt(index + 12);
            if (sequence != last + 1) {
                reordered++;
            }
            last = sequence;
            publishers[buffer.getInt(index + 8)].arrived();
        }

        @Override
        void turnEnded() {
            pumpReady();
        }
    }
}
