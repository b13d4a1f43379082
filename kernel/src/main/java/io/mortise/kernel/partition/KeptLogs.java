// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.Directories;
import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Partition;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Which logs lie in which directory, and what becomes of them with it. Any thread. */
final class KeptLogs implements Directories.Keeper {
    private final PartitionContext context;
    private final Collection<PartitionLog> logs;
    private final HostedEngines engines;
    private final DoomedLogs doomed;
    private final Consumer<HostedEngine> came;

    /**
     * @param logs those that there are, always
     * @param came told of each engine that was opened over a directory
     */
    KeptLogs(
            PartitionContext context,
            Collection<PartitionLog> logs,
            HostedEngines engines,
            DoomedLogs doomed,
            Consumer<HostedEngine> came) {
        this.context = context;
        this.logs = logs;
        this.engines = engines;
        this.doomed = doomed;
        this.came = came;
    }

    @Override
    public void bringUp(LogDirectory directory) throws IOException {
        engines.bringUp(directory).forEach(came);
    }

    @Override
    public void back(LogDirectory directory) {
        engines.over(directory).forEach(doomed::delete);
        for (PartitionLog log : logs) {
            if (Objects.equals(log.directoryId(), directory.id())) {
                context.scheduler().execute(log.control()::retry);
            }
        }
    }

    @Override
    public int partitions(LogDirectory directory) {
        return in(directory).size();
    }

    /** What is out of service, and why, in plain words; partitions of no known directory, too. */
    List<String> outOfService() {
        Map<String, Integer> homeless = new TreeMap<>();
        for (PartitionLog log : logs) {
            String at = log.directoryId();
            if (at != null && context.directories().isUnknown(at)) {
                homeless.merge(at, 1, Integer::sum);
            }
        }
        List<String> all = new ArrayList<>();
        for (LogDirectory directory : context.directories().all()) {
            Refusal offline = directory.offline();
            if (offline != null) {
                all.add(offline.message() + " (" + in(directory).size() + " partitions)");
            }
        }
        homeless.forEach(
                (id, count) ->
                        all.add(
                                context.directories().absence(id).message()
                                        + " ("
                                        + count
                                        + " partitions)"));
        return all;
    }

    /** The partitions that are open, or to be opened, in a directory. */
    List<Partition> in(LogDirectory directory) {
        List<Partition> kept = new ArrayList<>();
        String id = context.directories().idOf(directory);
        for (PartitionLog log : logs) {
            if (id != null && id.equals(log.directoryId())) {
                kept.add(log);
            }
        }
        return kept;
    }
}
