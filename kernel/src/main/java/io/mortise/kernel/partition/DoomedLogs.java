// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.LogId;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The logs of deleted partitions: each goes as soon as its engine and its directory are both here.
 * Any thread; may block.
 */
final class DoomedLogs {
    private static final Logger LOG = LoggerFactory.getLogger(DoomedLogs.class);

    /** A log that is to be deleted: its engine, and the id of its directory. */
    private record Doomed(String engine, String directoryId) {
        static Doomed of(HostedEngine hosted) {
            return new Doomed(hosted.name(), String.valueOf(hosted.directory().id()));
        }
    }

    private final PartitionContext context;
    private final HostedEngines engines;
    private final Placements placements;

    /** Deleted while their engine or directory was absent. */
    private final Map<LogId, Doomed> waiting = new ConcurrentHashMap<>();

    DoomedLogs(PartitionContext context, HostedEngines engines, Placements placements) {
        this.context = context;
        this.engines = engines;
        this.placements = placements;
    }

    /** Deletes one closed log of {@code log}, which goes; if it is out of reach, later. */
    void delete(PartitionLog log, LogId id, String engine) {
        try {
            HostedEngine primary = engines.primary(engine);
            boolean nowhere = primary != null && !primary.onDisk();
            String noted = nowhere ? LogDirectory.PRIMARY : log.directoryId();
            String at = noted == null ? placements.noted(log.logId()) : noted;
            waiting.put(id, new Doomed(engine, at));
            HostedEngine hosted = engines.find(engine, at);
            if (hosted != null && waiting.remove(id, Doomed.of(hosted))) {
                deleteNow(hosted, id);
            }
        } catch (IOException e) {
            LOG.error("{}: is deleted, but where its log is cannot be told", id, e);
        }
    }

    /** An engine came, or its directory: deletes what waits for it, aside. */
    void delete(HostedEngine hosted) {
        for (LogId id : List.copyOf(waiting.keySet())) {
            if (waiting.remove(id, Doomed.of(hosted))) {
                context.scheduler().execute(() -> deleteNow(hosted, id));
            }
        }
    }

    private void deleteNow(HostedEngine hosted, LogId id) {
        try {
            hosted.engine().deleteLog(id);
        } catch (IOException | RuntimeException failed) {
            LOG.warn("{}: is deleted when {} works again", id, hosted.directory(), failed);
            waiting.put(id, Doomed.of(hosted));
        }
    }
}
