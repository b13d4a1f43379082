// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.testing.VolatileFileLayer.Operation;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;

/** A file opened in a {@link VolatileFileLayer}; dead after a crash. */
final class VolatileHandle implements StorageFile {
    private final VolatileFileLayer layer;
    private final VolatileFile file;
    private final String path;
    private final boolean writable;
    private final int incarnation;
    private boolean closed;

    VolatileHandle(VolatileFileLayer layer, VolatileFile file, String path, boolean writable) {
        this.layer = layer;
        this.file = file;
        this.path = path;
        this.writable = writable;
        incarnation = layer.incarnation;
        layer.opened(1);
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public long size() throws IOException {
        synchronized (layer) {
            requireOpen();
            return file.size();
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        synchronized (layer) {
            requireOpen();
            layer.check(Operation.READ, path);
            return file.read(target, position);
        }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
        synchronized (layer) {
            requireWritable();
            layer.check(Operation.WRITE, path);
            layer.requireRoom(path, position + source.remaining() - file.size());
            layer.write(file, path, source, Math.toIntExact(position));
        }
    }

    @Override
    public void write(ByteBuffer[] sources, long position) throws IOException {
        synchronized (layer) {
            long at = position;
            for (ByteBuffer source : sources) {
                int length = source.remaining();
                write(source, at);
                at += length;
            }
        }
    }

    @Override
    public void force() throws IOException {
        synchronized (layer) {
            requireOpen();
            layer.forced();
            layer.force(file, path);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        synchronized (layer) {
            requireWritable();
            layer.check(Operation.TRUNCATE, path);
            layer.requireRoom(path, size - file.size());
            file.resize(Math.toIntExact(size));
        }
    }

    @Override
    public void allocate(long size) throws IOException {
        synchronized (layer) {
            if (size > file.size()) {
                write(ByteBuffer.allocate(Math.toIntExact(size - file.size())), file.size());
            }
        }
    }

    @Override
    public @Nullable FileChannel channel() {
        return null;
    }

    @Override
    public void close() {
        synchronized (layer) {
            if (!closed && incarnation == layer.incarnation) {
                layer.opened(-1);
            }
            closed = true;
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (incarnation != layer.incarnation) {
            throw new IOException("'" + path + "' was open when the process died");
        }
    }

    private void requireWritable() throws IOException {
        requireOpen();
        if (!writable) {
            throw new NonWritableChannelException();
        }
    }
}
