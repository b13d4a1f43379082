// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.spi.runtime.StorageFile;
import io.netty.channel.EventLoop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The least that group commit can be: a thread that gathers what waits, writes it to one
 * preallocated file in one call, forces, and tells the loop once. No offsets, no checks, no log.
 */
final class BareAppenders extends Appenders {
    private final CountingFiles files;
    private final StorageFile file;
    private final long fileBytes;
    private final ByteBuffer record;
    private final ByteBuffer staging = ByteBuffer.allocateDirect(8 << 20);
    private final ReentrantLock lock = new ReentrantLock();
    private final long[] begunNanos;
    private final Thread writer = Thread.ofPlatform().name("bare-writer").unstarted(this::write);
    private ArrayDeque<Integer> waiting = new ArrayDeque<>();
    private ArrayDeque<Integer> spare = new ArrayDeque<>(); // the writer's
    private volatile boolean asleep;
    private volatile boolean closed;

    /**
     * @param file holds {@code fileBytes} of zeros, which are on the disk
     */
    BareAppenders(
            EventLoop loop,
            int count,
            CountingFiles files,
            StorageFile file,
            long fileBytes,
            ByteBuffer record) {
        super(loop, count);
        this.files = files;
        this.file = file;
        this.fileBytes = fileBytes;
        this.record = record;
        this.begunNanos = new long[count];
        writer.start();
    }

    @Override
    void append(int appender) {
        begunNanos[appender] = System.nanoTime();
        lock.lock();
        try {
            waiting.add(appender);
        } finally {
            lock.unlock();
        }
        if (asleep) {
            asleep = false;
            LockSupport.unpark(writer);
        }
    }

    @Override
    long forces() {
        return files.forces.sum();
    }

    private void write() {
        long position = 0;
        while (!closed) {
            ArrayDeque<Integer> round = take();
            if (round.isEmpty()) {
                spare = round;
                sleep();
                continue;
            }
            spare = new ArrayDeque<>();
            staging.clear();
            for (int i = 0; i < round.size(); i++) {
                staging.put(record.duplicate());
            }
            staging.flip();
            position = position + staging.remaining() > fileBytes ? 0 : position;
            int bytes = staging.remaining();
            try {
                file.write(staging, position);
                file.force();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            position += bytes;
            loop.execute(() -> round.forEach(it -> completed(it, begunNanos[it])));
        }
    }

    private void sleep() {
        asleep = true;
        if (isEmpty() && !closed) {
            LockSupport.park(this);
        }
        asleep = false;
    }

    private boolean isEmpty() {
        lock.lock();
        try {
            return waiting.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private ArrayDeque<Integer> take() {
        lock.lock();
        try {
            ArrayDeque<Integer> taken = waiting;
            waiting = spare;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    void close() throws InterruptedException {
        closed = true;
        LockSupport.unpark(writer);
        writer.join();
    }
}
