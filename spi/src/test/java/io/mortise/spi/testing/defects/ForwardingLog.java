// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogExtent;
import io.mortise.spi.storage.LogSlice;
import io.mortise.spi.storage.LogStorage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Hands everything on; a defect overrides what it does wrong. */
class ForwardingLog implements LogStorage {
    final LogStorage log;

    ForwardingLog(LogStorage log) {
        this.log = log;
    }

    @Override
    public void append(int leaderEpoch, long baseOffset, long endOffset, ByteBuffer batches)
            throws IOException {
        log.append(leaderEpoch, baseOffset, endOffset, batches);
    }

    @Override
    public LogSlice read(long offset, long limit, int maxBytes) throws IOException {
        return log.read(offset, limit, maxBytes);
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
        return log.extents();
    }

    @Override
    public void configure(LogConfig config) throws IOException {
        log.configure(config);
    }

    @Override
    public void truncate(long offset) throws IOException {
        log.truncate(offset);
    }

    @Override
    public void advanceStart(long offset) throws IOException {
        log.advanceStart(offset);
    }

    @Override
    public void replace(long from, long to, List<ByteBuffer> batches) throws IOException {
        log.replace(from, to, batches);
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
