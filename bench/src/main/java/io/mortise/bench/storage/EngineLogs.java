// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.bench.storage;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;
import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Logs of an engine without a kernel above it: this thread is the engine's writer. */
final class EngineLogs {
    private final StorageEngine engine;
    private final LogStorage[] logs;
    private final ByteBuffer batch;
    private final int records;

    EngineLogs(StorageEngine engine, int count, Durability durability, ByteBuf batch, int records)
            throws IOException {
        this.engine = engine;
        this.batch = batch.nioBuffer();
        this.records = records;
        this.logs = new LogStorage[count];
        for (int i = 0; i < count; i++) {
            logs[i] = engine.openLog(Bed.id(i), 0, LogConfig.of(durability));
        }
    }

    LogStorage log(int index) {
        return logs[index];
    }

    /** So many batches to each log, then one flush, and one force if asked. */
    void round(int batches, boolean force) throws IOException {
        for (LogStorage log : logs) {
            for (int i = 0; i < batches; i++) {
                append(log);
            }
        }
        engine.flush();
        if (force) {
            engine.force();
        }
    }

    private void append(LogStorage log) throws IOException {
        long base = log.endOffset();
        Batches.stamp(batch, base);
        log.append(0, base, base + records, batch.duplicate());
    }
}
