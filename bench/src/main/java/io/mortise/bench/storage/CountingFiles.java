// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.spi.Registration;
import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/** A file layer that counts what goes through it. Any thread. */
final class CountingFiles implements FileLayer {
    final LongAdder forces = new LongAdder();

    /** Those of the virtual threads that the scheduler runs tasks on. */
    final LongAdder backgroundForces = new LongAdder();

    final LongAdder writes = new LongAdder();
    final LongAdder writtenBytes = new LongAdder();

    /** Written by {@link StorageFile#allocate}. */
    final LongAdder zeroedBytes = new LongAdder();

    final LongAdder readBytes = new LongAdder();
    private final FileLayer below;

    /** Forces of the writer wait while somebody holds it. */
    private final Semaphore forcing = new Semaphore(1);

    CountingFiles(FileLayer below) {
        this.below = below;
    }

    /** Forces of the engine's writer so far. */
    long writerForces() {
        return forces.sum() - backgroundForces.sum();
    }

    /** From now on the writer waits at its next force, until {@link #goOn}. */
    void hold() {
        forcing.acquireUninterruptibly();
    }

    boolean writerWaits() {
        return forcing.hasQueuedThreads();
    }

    void goOn() {
        forcing.release();
    }

    void forced() {
        forces.increment();
        if (Thread.currentThread().isVirtual()) {
            backgroundForces.increment();
        } else {
            forcing.acquireUninterruptibly();
            forcing.release();
        }
    }

    @Override
    public StorageFile open(String path, OpenMode mode) throws IOException {
        return new Counted(below.open(path, mode));
    }

    @Override
    public boolean exists(String path) throws IOException {
        return below.exists(path);
    }

    @Override
    public List<String> list(String directory) throws IOException {
        return below.list(directory);
    }

    @Override
    public void createDirectories(String directory) throws IOException {
        below.createDirectories(directory);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        below.rename(from, to);
    }

    @Override
    public void delete(String path) throws IOException {
        below.delete(path);
    }

    @Override
    public void forceDirectory(String directory) throws IOException {
        forced();
        below.forceDirectory(directory);
    }

    @Override
    public long usableBytes() throws IOException {
        return below.usableBytes();
    }

    @Override
    public Registration lock(String path) throws IOException {
        return below.lock(path);
    }

    private final class Counted implements StorageFile {
        private final StorageFile file;

        Counted(StorageFile file) {
            this.file = file;
        }

        @Override
        public String path() {
            return file.path();
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int read = file.read(target, position);
            readBytes.add(Math.max(0, read));
            return read;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            writes.increment();
            writtenBytes.add(source.remaining());
            file.write(source, position);
        }

        @Override
        public void write(ByteBuffer[] sources, long position) throws IOException {
            writes.increment();
            for (ByteBuffer source : sources) {
                writtenBytes.add(source.remaining());
            }
            file.write(sources, position);
        }

        @Override
        public void force() throws IOException {
            forced();
            file.force();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void allocate(long size) throws IOException {
            zeroedBytes.add(Math.max(0, size - file.size()));
            file.allocate(size);
        }

        @Override
        public @Nullable FileChannel channel() {
            return file.channel();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
