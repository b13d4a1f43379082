// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.ImmediateReads;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** One opening of a log: refused after it was closed, though the log may be open again by then. */
final class LogHandle implements LogStorage, ImmediateReads {
    private final SegmentEngine engine;
    private final SegmentLog log;
    private volatile boolean closed;

    LogHandle(SegmentEngine engine, SegmentLog log) {
        this.engine = engine;
        this.log = log;
    }

    @Override
    public void append(int leaderEpoch, long baseOffset, long endOffset, ByteBuffer batches)
            throws IOException {
        requireOpen();
        engine.append(log, leaderEpoch, baseOffset, endOffset, batches);
    }

    @Override
    public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
        requireOpen();
        return engine.reader().read(log, offset, limit, maxBytes);
    }

    @Override
    public @Nullable LogSlice readIfReady(long offset, long limit, int maxBytes) {
        return closed ? null : ReadyBlocks.read(log, offset, limit, maxBytes);
    }

    @Override
    public long startOffset() {
        return log.startOffset();
    }

    @Override
    public long endOffset() {
        return log.endOffset();
    }

    @Override
    public List<LogExtent> extents() {
        return log.describeExtents();
    }

    @Override
    public void configure(LogConfig config) throws IOException {
        requireOpen();
        engine.configure(log, config);
    }

    @Override
    public void truncate(long offset) throws IOException {
        requireOpen();
        engine.truncate(log, offset);
    }

    @Override
    public void advanceStart(long offset) throws IOException {
        requireOpen();
        engine.advanceStart(log, offset);
    }

    @Override
    public void replace(long from, long to, List<ByteBuffer> batches) throws IOException {
        requireOpen();
        engine.replace(log, from, to, batches);
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            engine.closeLog(log);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("log " + log.name() + " is closed");
        }
    }
}
