// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.rocksdb;

import io.mortise.spi.LogId;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.ReentrantLock;

/** What the engine knows of a log, open or not; its fields are written under its lock. */
final class LogEntry {
    final LogId id;
    final ReentrantLock lock = new ReentrantLock();

    /** As stored; null where there is no such log. */
    volatile @Nullable LogBounds bounds;

    /** Whether the log was deleted: who waited for it looks for a new entry. */
    boolean gone;

    boolean open;
    volatile int leaderEpoch;

    LogEntry(LogId id) {
        this.id = id;
    }
}
