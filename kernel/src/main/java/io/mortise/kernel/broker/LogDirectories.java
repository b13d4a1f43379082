// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Durability;
import io.mortise.spi.broker.Broker.LogDirectory;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Where the storage engines that run keep their logs. Any thread; may block. */
final class LogDirectories {
    private static final Logger LOG = LoggerFactory.getLogger(LogDirectories.class);
    private static final long UNKNOWN = -1;

    private final LogHost logs;
    private final DiskFileLayer data;

    LogDirectories(LogHost logs, DiskFileLayer data) {
        this.logs = logs;
        this.data = data;
    }

    /** Below the data directory. */
    static String of(String engine) {
        return "logs/" + engine;
    }

    List<LogDirectory> all() {
        List<LogDirectory> all = new ArrayList<>();
        logs.engines().forEach((engine, given) -> all.add(directory(engine, given)));
        return all;
    }

    private LogDirectory directory(String engine, Set<Durability> given) {
        String path = data.root().resolve(of(engine)).toString();
        boolean onDisk = given.contains(Durability.OS) || given.contains(Durability.DISK);
        try {
            return onDisk
                    ? new LogDirectory(engine, path, data.totalBytes(), data.usableBytes())
                    : new LogDirectory(engine, path, UNKNOWN, UNKNOWN);
        } catch (IOException e) {
            LOG.warn("The size of the file system that holds {} cannot be read", path, e);
            return new LogDirectory(engine, path, UNKNOWN, UNKNOWN);
        }
    }
}
