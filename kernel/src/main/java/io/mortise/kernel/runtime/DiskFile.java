// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import io.mortise.spi.runtime.StorageFile;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.util.concurrent.locks.ReentrantLock;

/** A file of {@link DiskFileLayer}. */
final class DiskFile implements StorageFile {
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

    private final String path;
    private final FileChannel channel;
    private final DiskFileLayer layer;
    private final boolean writable;

    /**
     * Java has no positional gathering write: such writes share the channel's position, one at a
     * time.
     */
    private final ReentrantLock gathering = new ReentrantLock();

    DiskFile(String path, FileChannel channel, DiskFileLayer layer, boolean writable) {
        this.path = path;
        this.channel = channel;
        this.layer = layer;
        this.writable = writable;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int total = 0;
        while (target.hasRemaining()) {
            int read = channel.read(target, position + total);
            if (read < 0) {
                return total == 0 ? -1 : total;
            }
            total += read;
        }
        return total;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        requireWritable();
        long at = position;
        try {
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        } catch (IOException failure) {
            throw explained(failure, at, source.remaining());
        }
    }

    @Override
    public void write(ByteBuffer[] sources, long position) throws IOException {
        requireWritable();
        gathering.lock();
        try {
            channel.position(position);
            int first = 0;
            while ((first = firstRemaining(sources, first)) < sources.length) {
                var ignored = channel.write(sources, first, sources.length - first);
            }
        } catch (IOException failure) {
            throw explained(failure, position, remaining(sources));
        } finally {
            gathering.unlock();
        }
    }

    private static int firstRemaining(ByteBuffer[] sources, int from) {
        int first = from;
        while (first < sources.length && !sources[first].hasRemaining()) {
            first++;
        }
        return first;
    }

    private static long remaining(ByteBuffer[] sources) {
        long total = 0;
        for (ByteBuffer source : sources) {
            total += source.remaining();
        }
        return total;
    }

    @Override
    public void force() throws IOException {
        try {
            channel.force(false);
        } catch (IOException failure) {
            throw new IOException(
                    "cannot force '" + layer.root().resolve(path) + "': " + failure.getMessage(),
                    failure);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        requireWritable();
        long present = channel.size();
        if (size < present) {
            channel.truncate(size);
        } else if (size > present) {
            write(ZEROS.duplicate().limit(1), size - 1);
        }
    }

    @Override
    public void allocate(long size) throws IOException {
        long at = channel.size();
        while (at < size) {
            int length = (int) Math.min(ZEROS.capacity(), size - at);
            write(ZEROS.duplicate().limit(length), at);
            at += length;
        }
    }

    @Override
    public @Nullable FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void requireWritable() {
        if (!writable) {
            throw new NonWritableChannelException();
        }
    }

    /**
     * The system's own message names neither file nor size, and a full disk is what an operator
     * meets most.
     */
    private IOException explained(IOException failure, long position, long bytes) {
        String usable;
        try {
            usable = layer.usableBytes() + " bytes usable";
        } catch (IOException unknown) {
            usable = "usable bytes unknown";
        }
        return new IOException(
                "cannot write "
                        + bytes
                        + " bytes at "
                        + position
                        + " of '"
                        + layer.root().resolve(path)
                        + "' ("
                        + usable
                        + "): "
                        + failure.getMessage(),
                failure);
    }
}
