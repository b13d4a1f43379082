// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.bench.Options;
import io.mortise.spi.Durability;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.storage.segment.SegmentStorageProvider;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * One large log whose process is killed while it is written, opened again by another process. The
 * caller kills: {@code --step=fill} says FULL when so many megabytes are durable and writes on;
 * {@code --step=open} measures.
 */
public final class Reopen {
    private static final int RECORDS = 64;
    private static final double MIB = 1 << 20;
    private static final int UNDER_WAY = 8;

    private Reopen() {}

    /** Options step, dir; fill: megabytes; open: acknowledged, the records that must be there. */
    public static void main(String[] arguments) throws Exception {
        var options = new Options(arguments);
        Path root = Path.of(options.text("dir"));
        EventLoop loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next();
        ByteBuf batch = Batches.of(RECORDS, 1024);
        if (options.text("step").equals("fill")) {
            Usage.delete(root);
            fill(root, loop, batch, (long) options.number("megabytes") << 20);
        } else {
            open(root, loop, batch, Long.parseLong(options.text("acknowledged")));
            System.exit(0);
        }
    }

    private static void fill(Path root, EventLoop loop, ByteBuf batch, long bytes)
            throws Exception {
        var bed = new Bed(root, new SegmentStorageProvider(), Map.of()).withHost();
        Partition partition = bed.partition(0, Durability.DISK);
        var room = new Semaphore(UNDER_WAY);
        long full = bytes / batch.readableBytes();
        for (long i = 0; ; i++) {
            room.acquire();
            Refusal refusal =
                    partition
                            .append(
                                    batch,
                                    -1,
                                    Origin.BROKER,
                                    AckLevel.DURABLE,
                                    loop,
                                    failed -> acknowledged(room, failed))
                            .refusal();
            if (refusal != null) {
                throw refusal.asException();
            }
            if (i == full) {
                System.out.println("FULL " + partition.highWatermark());
            }
        }
    }

    private static void acknowledged(Semaphore room, @Nullable Refusal failed) {
        if (failed != null) {
            throw failed.asException();
        }
        room.release();
    }

    private static void open(Path root, EventLoop loop, ByteBuf batch, long acknowledged)
            throws Exception {
        long readBefore = Usage.line("io", "read_bytes");
        long cpu = Usage.cpuNanos();
        long begun = System.nanoTime();
        try (var bed = new Bed(root, new SegmentStorageProvider(), Map.of()).withHost()) {
            Partition partition = bed.partition(0, Durability.DISK);
            long end = partition.logEndOffset();
            serve(partition, loop, batch, 0);
            serve(partition, loop, batch, end - 1);
            double millis = (System.nanoTime() - begun) / 1e6;
            cpu = Usage.cpuNanos() - cpu;
            System.out.printf(
                    Locale.ROOT,
                    "%.1f GiB in one log, kill -9: serving (first and last record read, one"
                            + " appended) after %.0f ms, %.0f ms of CPU (bar 2 000; JVM's start"
                            + " apart), %.1f MiB read by the engine (bar 64 MB), %.1f MiB from the"
                            + " device; %d records, of which %d were acknowledged: %s%n",
                    end * (double) batch.readableBytes() / RECORDS / (1 << 30),
                    millis,
                    cpu / 1e6,
                    bed.files.readBytes.sum() / MIB,
                    (Usage.line("io", "read_bytes") - readBefore) / MIB,
                    end,
                    acknowledged,
                    end >= acknowledged ? "none lost" : "LOST");
        }
        Usage.delete(root);
    }

    /** Reads one batch and appends one. */
    private static void serve(Partition partition, EventLoop loop, ByteBuf batch, long offset) {
        var read = new CompletableFuture<Long>();
        partition.read(
                offset,
                1,
                Visibility.COMMITTED,
                loop,
                (found, failed) -> tell(read, found, failed));
        if (read.join() <= offset) {
            throw new IllegalStateException("nothing at offset " + offset);
        }
        var durable = new CompletableFuture<Boolean>();
        var _ =
                partition.append(
                        batch,
                        -1,
                        Origin.BROKER,
                        AckLevel.DURABLE,
                        loop,
                        failed -> durable.complete(failed == null));
        if (!durable.join()) {
            throw new IllegalStateException("cannot append");
        }
    }

    private static void tell(
            CompletableFuture<Long> read,
            @Nullable FetchedBatches found,
            @Nullable Refusal failed) {
        if (found != null) {
            read.complete(found.nextOffset());
            found.close();
        } else if (failed != null) {
            read.completeExceptionally(failed.asException());
        }
    }
}
