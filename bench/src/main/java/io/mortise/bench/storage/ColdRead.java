// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.bench.Options;
import io.mortise.spi.Durability;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AdvanceListener;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.storage.segment.SegmentStorageProvider;
import io.netty.buffer.ByteBuf;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Consumers that read logs from beginning to end through the engine, each into a socket of its own,
 * beside sendfile of the same files into the same sockets. The page cache is emptied before each
 * run.
 */
public final class ColdRead {
    private static final int STEP = 1 << 20;
    private static final double MIB = 1 << 20;
    private static final double TAIL_SECONDS = 2;

    private final Path root;
    private final int consumers;
    private final long bytesPerLog;
    private boolean cold = true;

    private ColdRead(Options options) {
        root = Path.of(options.text("dir"));
        consumers = options.number("consumers", 8);
        bytesPerLog = (long) options.number("megabytes", 2048) / consumers << 20;
    }

    /** One run. */
    private record Outcome(double mebibytes, double mibPerSecond, double cpuMillisPerMib) {}

    /** Options dir, consumers, megabytes of all logs, runs. */
    public static void main(String[] arguments) throws Exception {
        var options = new Options(arguments);
        var bench = new ColdRead(options);
        bench.fill();
        List<Outcome> plain = new ArrayList<>();
        List<Outcome> ours = new ArrayList<>();
        for (int i = 0; i < options.number("runs", 3); i++) {
            plain.add(bench.plain());
            ours.add(bench.ours());
        }
        System.out.printf(
                "%-44s %10s %10s %14s%n",
                "cold sequential read, " + bench.consumers + " consumers",
                "MiB",
                "MiB/s",
                "CPU_ms/MiB");
        print("sendfile of the same files", plain);
        print("engine: read, check, sendfile", ours);
        double ratio = middle(ours) / middle(plain);
        System.out.printf(
                Locale.ROOT,
                "ratio %.2f (bar 0.8); both into loopback sockets, drained in this process; the"
                        + " page cache was %s%n",
                ratio,
                bench.cold ? "emptied before each run" : "NOT emptied: no right to; this is warm");
        bench.tail();
        Usage.delete(bench.root);
        System.exit(0);
    }

    private static double middle(List<Outcome> outcomes) {
        return Usage.median(outcomes.stream().map(Outcome::mibPerSecond).toList());
    }

    private static void print(String name, List<Outcome> outcomes) {
        System.out.printf(
                Locale.ROOT,
                "%-44s %10.0f %10.0f %14.3f%n",
                name,
                outcomes.getFirst().mebibytes,
                middle(outcomes),
                Usage.median(outcomes.stream().map(Outcome::cpuMillisPerMib).toList()));
    }

    private void fill() throws IOException {
        Usage.delete(root);
        ByteBuf batch = Batches.of(16, 1024 - 61);
        try (var bed = new Bed(root, new SegmentStorageProvider(), Map.of())) {
            var engine = bed.engine();
            var logs = new EngineLogs(engine, consumers, Durability.OS, batch, 16);
            int batches = 16;
            for (long done = 0;
                    done < bytesPerLog;
                    done += (long) batches * batch.readableBytes()) {
                logs.round(batches, false);
            }
            engine.close();
        }
    }

    private Outcome ours() throws Exception {
        try (var bed = new Bed(root, new SegmentStorageProvider(), Map.of())) {
            StorageEngine engine = bed.engine();
            var logs = new EngineLogs(engine, consumers, Durability.OS, Batches.of(1, 1), 1);
            List<Sender> senders = new ArrayList<>();
            for (int i = 0; i < consumers; i++) {
                LogStorage log = logs.log(i);
                senders.add(socket -> send(log, socket));
            }
            Outcome outcome = run(senders);
            engine.close();
            return outcome;
        }
    }

    private static long send(LogStorage log, SocketChannel socket) throws IOException {
        long sent = 0;
        for (long offset = log.startOffset(); offset < log.endOffset(); ) {
            try (LogSlice slice = log.read(offset, log.endOffset(), STEP)) {
                for (LogSlice.Part part : slice.parts()) {
                    sent += send(part, socket);
                }
                offset = slice.nextOffset();
            }
        }
        return sent;
    }

    private static long send(LogSlice.Part part, SocketChannel socket) throws IOException {
        switch (part) {
            case LogSlice.Memory memory -> {
                ByteBuffer bytes = memory.bytes().duplicate();
                while (bytes.hasRemaining()) {
                    socket.write(bytes);
                }
            }
            case LogSlice.Region region ->
                    transfer(region.file().channel(), region.position(), region.length(), socket);
        }
        return part.length();
    }

    private static void transfer(
            @Nullable FileChannel file, long from, long length, WritableByteChannel socket)
            throws IOException {
        if (file == null) {
            throw new IOException("no channel to send from");
        }
        for (long at = from, end = from + length; at < end; ) {
            at += file.transferTo(at, end - at, socket);
        }
    }

    /** Every large file of the engine, divided among the consumers in order of name. */
    private Outcome plain() throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(ColdRead::isLarge).sorted().toList();
        }
        List<Sender> senders = new ArrayList<>();
        for (int i = 0; i < consumers; i++) {
            List<Path> own =
                    files.subList(files.size() * i / consumers, files.size() * (i + 1) / consumers);
            senders.add(socket -> send(own, socket));
        }
        return run(senders);
    }

    private static boolean isLarge(Path path) {
        return Files.isRegularFile(path) && path.toFile().length() > STEP;
    }

    private static long send(List<Path> files, SocketChannel socket) throws IOException {
        long sent = 0;
        for (Path path : files) {
            try (FileChannel file = FileChannel.open(path)) {
                long size = file.size();
                for (long at = 0; at < size; at += STEP) {
                    transfer(file, at, Math.min(STEP, size - at), socket);
                }
                sent += size;
            }
        }
        return sent;
    }

    /** A consumer that follows 64 appenders: all of it comes from memory. */
    private void tail() throws Exception {
        Usage.delete(root);
        var loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
        try (var bed = new Bed(root, new SegmentStorageProvider(), Map.of()).withHost()) {
            Partition partition = bed.partition(0, Durability.DISK);
            var tail = new Tail(partition);
            Registration told = partition.onAdvance(loops.next(), tail);
            Partition[] partitions = {partition};
            new PartitionAppenders(loops.next(), 64, bed.files, partitions, Batches.of(1, 1024))
                    .run(0, TAIL_SECONDS);
            told.close();
            System.out.printf(
                    Locale.ROOT,
                    "tail: a consumer behind 64 appenders was given %.1f MiB in %d reads, %d of"
                            + " which were not in memory (bar 0)%n",
                    tail.bytes.sum() / MIB,
                    tail.reads.sum(),
                    tail.misses.sum());
        }
    }

    /** Reads what is new from memory. */
    private static final class Tail implements AdvanceListener {
        private final LongAdder bytes = new LongAdder();
        private final LongAdder reads = new LongAdder();
        private final LongAdder misses = new LongAdder();
        private long next;

        Tail(Partition partition) {
            next = partition.highWatermark();
        }

        @Override
        public void advanced(Partition partition) {
            while (next < partition.highWatermark()) {
                try (FetchedBatches batches =
                        partition.readCached(next, STEP, Visibility.COMMITTED)) {
                    reads.increment();
                    if (batches == null) {
                        misses.increment();
                        next = partition.highWatermark();
                    } else {
                        next = batches.nextOffset();
                        bytes.add(batches.sizeInBytes());
                    }
                }
            }
        }
    }

    /** Sends something and says how much. */
    private interface Sender {
        long send(SocketChannel socket) throws IOException;
    }

    private Outcome run(List<Sender> senders) throws Exception {
        cold &= Usage.dropCaches();
        try (var server = ServerSocketChannel.open();
                var threads = Executors.newCachedThreadPool()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            long cpu = Usage.cpuNanos();
            long begun = System.nanoTime();
            List<Future<Long>> sent = new ArrayList<>();
            for (Sender sender : senders) {
                SocketChannel socket = SocketChannel.open(server.getLocalAddress());
                SocketChannel drained = server.accept();
                threads.submit((Callable<Long>) () -> drain(drained));
                sent.add(
                        threads.submit(
                                () -> {
                                    try (socket) {
                                        return sender.send(socket);
                                    }
                                }));
            }
            long bytes = 0;
            for (Future<Long> one : sent) {
                bytes += one.get();
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            double mebibytes = bytes / MIB;
            return new Outcome(
                    mebibytes, mebibytes / seconds, (Usage.cpuNanos() - cpu) / 1e6 / mebibytes);
        }
    }

    private static long drain(SocketChannel socket) throws IOException {
        ByteBuffer into = ByteBuffer.allocateDirect(256 << 10);
        long drained = 0;
        try (socket) {
            for (int read; (read = socket.read(into.clear())) >= 0; ) {
                drained += read;
            }
        }
        return drained;
    }
}
