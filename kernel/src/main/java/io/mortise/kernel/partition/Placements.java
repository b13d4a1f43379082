// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.LogId;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which directory keeps a partition. A new one goes where the fewest partitions are, of the
 * directories that are in service, and stays there for good; internal topics are always in the data
 * directory, beside the metadata. Any thread; may block.
 */
final class Placements {
    private static final Logger LOG = LoggerFactory.getLogger(Placements.class);

    private final PartitionContext context;
    private final HostedEngines engines;
    private final Map<LogId, String> known = new ConcurrentHashMap<>();

    /** Partitions of clients by directory. Guarded by itself. */
    private final Map<String, Integer> counts = new HashMap<>();

    Placements(PartitionContext context, HostedEngines engines) {
        this.context = context;
        this.engines = engines;
    }

    /**
     * The id of the directory that keeps it from now on; durable. One call per partition at a time.
     *
     * @param of the logs that it consists of
     * @param primary one of its engines over the data directory
     * @throws IOException it cannot be told or noted
     */
    String place(PartitionLog log, List<Generation> of, HostedEngine primary) throws IOException {
        LogId id = log.logId();
        String at = known.get(id);
        if (at != null || !primary.onDisk() || context.directories().onlyPrimary()) {
            return at == null ? LogDirectory.PRIMARY : at;
        }
        boolean internal = log.topic().internal();
        at = remembered(id, of);
        if (at != null) {
            count(at, internal ? 0 : 1);
        } else {
            at = placeNew(log, primary.name());
        }
        known.put(id, at);
        return at;
    }

    private String placeNew(PartitionLog log, String engine) throws IOException {
        if (log.topic().internal()) {
            return LogDirectory.PRIMARY;
        }
        String at = choose(engine);
        if (!at.equals(LogDirectory.PRIMARY)) {
            try {
                file(log.logId()).write(at);
            } catch (IOException failed) {
                count(at, -1);
                throw failed;
            }
        }
        return at;
    }

    private String choose(String engine) {
        synchronized (counts) {
            String best = LogDirectory.PRIMARY;
            int least = Integer.MAX_VALUE;
            for (LogDirectory directory : context.directories().all()) {
                String id = directory.id();
                if (id == null || directory.offline() != null || engines.find(engine, id) == null) {
                    continue;
                }
                int count = counts.getOrDefault(id, 0);
                if (count < least) {
                    best = id;
                    least = count;
                }
            }
            count(best, 1);
            return best;
        }
    }

    private void count(String directoryId, int change) {
        synchronized (counts) {
            counts.merge(directoryId, change, Integer::sum);
        }
    }

    /** What is noted of a partition, or else where its log is; null if it is new. */
    private @Nullable String remembered(LogId id, List<Generation> of) throws IOException {
        PlaceFile file = file(id);
        String noted = file.read();
        if (noted != null) {
            return noted;
        }
        HostedEngine found = found(id, of);
        if (found != null) {
            String at = Objects.requireNonNull(found.directory().id());
            if (!found.directory().isPrimary()) {
                LOG.warn("{}: found in {}, which was not noted", id, found.directory());
                file.write(at);
            }
            return at;
        }
        if (file.exists()) {
            throw new IOException(
                    "partitions/"
                            + file.path()
                            + " of the data directory, which says where the log is, is damaged,"
                            + " and no directory in service has it; it is looked for again");
        }
        return null;
    }

    private @Nullable HostedEngine found(LogId id, List<Generation> of) {
        for (Generation one : of) {
            for (HostedEngine hosted : engines.of(one.engine())) {
                if (hosted.directory().id() != null
                        && hosted.onDisk()
                        && hosted.found().contains(id.inGeneration(one.number()))) {
                    return hosted;
                }
            }
        }
        return null;
    }

    /** Where a partition is noted to be, though its engine may be absent. */
    String noted(LogId id) throws IOException {
        String at = known.get(id);
        if (at == null && !context.directories().onlyPrimary()) {
            at = file(id).read();
        }
        return at == null ? LogDirectory.PRIMARY : at;
    }

    /** The partition is deleted. */
    void forget(PartitionLog log) {
        String at = known.remove(log.logId());
        if (at != null && !log.topic().internal()) {
            count(at, -1);
        }
    }

    private PlaceFile file(LogId id) {
        return new PlaceFile(context.files(), id);
    }
}
