// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.LogId;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.storage.StorageProblem;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Remembers what was found damaged, and says each once. Any thread. */
final class DamageLog {
    /** Of a range of a log. */
    static final String REMEDY =
            "its neighbours are served; restore the range from a backup or another copy, or move"
                    + " the log's start past it, and check the disk";

    private static final Logger LOG = LoggerFactory.getLogger(DamageLog.class);
    private static final int MOST = 10_000;

    private record Key(@Nullable LogId log, String file, long from) {}

    private final Metrics.Counter refused;
    private final Metrics.Counter ranges;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, StorageProblem> known = new LinkedHashMap<>();

    DamageLog(EngineMetrics metrics) {
        refused = metrics.corrupt();
        ranges = metrics.damaged();
    }

    /** A read was refused. */
    void refused(LogId log, DamagedBytes damaged) {
        refused.add(1);
        found(damaged.problem(log));
    }

    /** Something is damaged. */
    void found(StorageProblem problem) {
        lock.lock();
        try {
            var key = new Key(problem.log(), problem.file(), problem.fromOffset());
            if (known.size() >= MOST || known.putIfAbsent(key, problem) != null) {
                return;
            }
        } finally {
            lock.unlock();
        }
        ranges.add(1);
        LOG.error("{}; {}", problem.problem(), problem.remedy());
    }

    /** All that is known, of logs that are gone too. */
    List<StorageProblem> all() {
        lock.lock();
        try {
            return new ArrayList<>(known.values());
        } finally {
            lock.unlock();
        }
    }
}
