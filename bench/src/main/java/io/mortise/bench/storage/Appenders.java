// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.netty.channel.EventLoop;

import org.HdrHistogram.Histogram;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Appenders on one event loop, each with one record under way: the next begins when the last is
 * durable. What they append to is the subclass's.
 */
abstract class Appenders {
    private static final long LONGEST_NANOS = 60_000_000_000L;

    final EventLoop loop;
    private final int count;
    private Histogram latencies = new Histogram(LONGEST_NANOS, 3);
    private long done;
    private int active;
    private boolean recording;
    private volatile boolean stopping;
    private volatile boolean idle;

    Appenders(EventLoop loop, int count) {
        this.loop = loop;
        this.count = count;
    }

    /** What one run came to. */
    record Outcome(
            double perSecond,
            double p50Micros,
            double p99Micros,
            double cpuMicrosPerRecord,
            double forcesPerSecond) {}

    /**
     * On the loop: appends for {@code appender}, of whom {@link #completed} is told when durable.
     */
    abstract void append(int appender);

    /** Forces so far. */
    abstract long forces();

    /** One record is durable that was begun at {@code begunNanos}. On the loop. */
    final void completed(int appender, long begunNanos) {
        if (recording) {
            latencies.recordValue(System.nanoTime() - begunNanos);
            done++;
        }
        if (!stopping) {
            append(appender);
        } else if (--active == 0) {
            idle = true;
        }
    }

    final Outcome run(double warmupSeconds, double seconds) throws Exception {
        loop.submit(this::begin).sync();
        pause(warmupSeconds);
        loop.submit(() -> recording = true).sync();
        long forces = forces();
        long cpu = Usage.cpuNanos();
        long begun = System.nanoTime();
        pause(seconds);
        loop.submit(() -> recording = false).sync();
        double elapsed = (System.nanoTime() - begun) / 1e9;
        cpu = Usage.cpuNanos() - cpu;
        forces = forces() - forces;
        stopping = true;
        while (!idle) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return new Outcome(
                done / elapsed,
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                cpu / 1e3 / done,
                forces / elapsed);
    }

    private static void pause(double seconds) {
        long until = System.nanoTime() + (long) (seconds * 1e9);
        for (long left; (left = until - System.nanoTime()) > 0; ) {
            LockSupport.parkNanos(left);
        }
    }

    private void begin() {
        active = count;
        for (int i = 0; i < count; i++) {
            append(i);
        }
    }
}
