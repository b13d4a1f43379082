// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.kernel.directory.LogDirectory;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.storage.CheckableStorage;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Has engines check what they keep. Any thread; blocks. */
final class EngineChecks {
    private static final Logger LOG = LoggerFactory.getLogger(EngineChecks.class);

    private final PartitionContext context;
    private final HostedEngines engines;

    EngineChecks(PartitionContext context, HostedEngines engines) {
        this.context = context;
        this.engines = engines;
    }

    /**
     * Has an engine read back and check everything that it keeps, in one directory after the other.
     * Blocks as long as that takes.
     *
     * @param kept the partitions whose logs it keeps
     * @throws RefusedException the engine is not here, cannot check, or nothing could be read
     */
    EngineCheck check(String engine, List<PartitionLog> kept) {
        HostedEngine primary = engines.primary(engine);
        if (primary == null) {
            throw LogHost.absent(engine).asException();
        }
        if (!(primary.engine() instanceof CheckableStorage)) {
            throw new RefusedException(
                    Reason.UNSUPPORTED, "Storage engine " + engine + " has nothing to check");
        }
        long bytes = kept.stream().mapToLong(log -> log.sizeInBytes(engine)).sum();
        List<EngineCheck.Found> problems = new ArrayList<>();
        List<EngineCheck.Unchecked> unchecked = new ArrayList<>();
        for (LogDirectory directory : context.directories().all()) {
            check(engine, directory, problems, unchecked);
        }
        return new EngineCheck(kept.size(), bytes, problems, unchecked);
    }

    private void check(
            String engine,
            LogDirectory directory,
            List<EngineCheck.Found> problems,
            List<EngineCheck.Unchecked> unchecked) {
        String id = directory.id();
        HostedEngine hosted = id == null ? null : engines.find(engine, id);
        Refusal offline = directory.offline();
        if (hosted == null || offline != null) {
            String why = offline == null ? LogHost.absent(engine).message() : offline.message();
            unchecked.add(new EngineCheck.Unchecked(directory.name(), why));
        } else if (hosted.engine() instanceof CheckableStorage checkable) {
            try {
                checkable
                        .check()
                        .forEach(it -> problems.add(new EngineCheck.Found(directory.name(), it)));
            } catch (IOException e) {
                LOG.error("Storage engine {} in {} cannot be checked", engine, directory, e);
                unchecked.add(new EngineCheck.Unchecked(directory.name(), e.toString()));
                context.directories().suspect(directory);
            }
        }
    }

    /** The engines that are here and can check what they keep. */
    List<String> checkable() {
        return engines.primaries().stream()
                .filter(it -> it.engine() instanceof CheckableStorage)
                .map(HostedEngine::name)
                .sorted()
                .toList();
    }
}
