// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.defects;

import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.storage.LogConfig;
import io.mortise.spi.storage.LogStorage;
import io.mortise.spi.storage.StorageEngine;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Hands everything on; a defect overrides what it does wrong. */
class ForwardingEngine implements StorageEngine {
    final StorageEngine engine;

    ForwardingEngine(StorageEngine engine) {
        this.engine = engine;
    }

    /** Around a log that was opened just now. */
    LogStorage around(LogStorage log) {
        return log;
    }

    @Override
    public Set<Durability> durabilities() {
        return engine.durabilities();
    }

    @Override
    public List<LogId> logs() throws IOException {
        return engine.logs();
    }

    @Override
    public LogStorage openLog(LogId id, int leaderEpoch, LogConfig config) throws IOException {
        return around(engine.openLog(id, leaderEpoch, config));
    }

    @Override
    public void deleteLog(LogId id) throws IOException {
        engine.deleteLog(id);
    }

    @Override
    public void flush() throws IOException {
        engine.flush();
    }

    @Override
    public void force() throws IOException {
        engine.force();
    }

    @Override
    public void close() throws IOException {
        engine.close();
    }
}
