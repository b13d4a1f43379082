// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.partition.LogHost;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.spi.Durability;
import io.mortise.spi.LogId;
import io.mortise.spi.broker.Broker.LogDirectory;
import io.mortise.spi.broker.Partition;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where the storage engines that run keep their logs. Any thread; may block. */
final class LogDirectories {
    private static final Logger LOG = LoggerFactory.getLogger(LogDirectories.class);
    private static final long UNKNOWN = -1;

    private final LogHost logs;
    private final LogDisks disks;

    LogDirectories(LogHost logs, LogDisks disks) {
        this.logs = logs;
        this.disks = disks;
    }

    List<LogDirectory> all() {
        List<LogDirectory> all = new ArrayList<>();
        logs.engines()
                .forEach(
                        (engine, given) -> {
                            boolean onDisk = isOnDisk(given);
                            for (var directory : logs.directories()) {
                                if (directory.isPrimary() || onDisk) {
                                    all.add(describe(engine, onDisk, directory));
                                }
                            }
                        });
        return all;
    }

    private static boolean isOnDisk(Set<Durability> given) {
        return given.contains(Durability.OS) || given.contains(Durability.DISK);
    }

    private LogDirectory describe(
            String engine, boolean onDisk, io.mortise.kernel.directory.LogDirectory directory) {
        String path = disks.root(directory).resolve(LogDisks.of(engine)).toString();
        long total = UNKNOWN;
        long usable = UNKNOWN;
        if (onDisk && directory.offline() == null) {
            try {
                DiskFileLayer disk = disks.layer(directory);
                total = disk.totalBytes();
                usable = disk.usableBytes();
            } catch (IOException e) {
                LOG.warn("The size of the file system that holds {} cannot be read", path, e);
            }
        }
        return new LogDirectory(
                engine, path, total, usable, directory.offline(), kept(engine, directory));
    }

    private Set<LogId> kept(String engine, io.mortise.kernel.directory.LogDirectory directory) {
        Set<LogId> kept = new HashSet<>();
        for (Partition partition : logs.keptIn(directory)) {
            if (engine.equals(partition.topic().config("storage.engine"))
                    || partition.generations().stream()
                            .anyMatch(it -> it.engine().equals(engine))) {
                kept.add(partition.logId());
            }
        }
        return kept;
    }
}
