// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.config;

import io.netty.util.internal.PlatformDependent;

import java.util.List;

/**
 * Memory and housekeeping of the logs of this node.
 *
 * @param ringBytes memory that holds the newest batches of all partitions
 * @param unwrittenBytes of one storage engine in one directory: what is sequenced and not written
 *     yet
 * @param snapshotBytes a partition's state is written after so many bytes
 * @param producerExpirySeconds idempotent producers that were silent for so long are forgotten
 * @param retentionCheckSeconds between two looks at what retention lets go
 * @param compactionCheckSeconds between two looks at what can be compacted
 * @param compactionMapBytes memory for the keys that one compaction takes in
 * @param directories that keep logs beside the data directory; relative ones lie in the home
 */
public record LogsConfig(
        long ringBytes,
        long unwrittenBytes,
        long snapshotBytes,
        int producerExpirySeconds,
        int retentionCheckSeconds,
        int compactionCheckSeconds,
        long compactionMapBytes,
        List<String> directories) {
    /** What holds without a line in mortise.yaml. */
    public static final LogsConfig DEFAULT =
            new LogsConfig(64L << 20, 32L << 20, 64L << 20, 86_400, 30, 15, 24L << 20, List.of());

    private static final long MB = 1L << 20;
    private static final long LEAST_UNWRITTEN = 64L << 10;
    private static final int DAY_SECONDS = 86_400;

    public LogsConfig {
        directories = List.copyOf(directories);
    }

    static LogsConfig read(Section section) throws ConfigException {
        long ring = ring(section);
        long unwritten =
                section.number(
                        "unwrittenBytes",
                        Math.min(ring / 2, DEFAULT.unwrittenBytes),
                        LEAST_UNWRITTEN,
                        ring);
        long snapshot = section.number("snapshotBytes", DEFAULT.snapshotBytes, MB, MB << 20);
        int expiry =
                section.integer(
                        "producerExpirySeconds",
                        DEFAULT.producerExpirySeconds,
                        60,
                        Integer.MAX_VALUE);
        int retention =
                section.integer(
                        "retentionCheckSeconds", DEFAULT.retentionCheckSeconds, 1, DAY_SECONDS);
        int compaction =
                section.integer(
                        "compactionCheckSeconds", DEFAULT.compactionCheckSeconds, 1, DAY_SECONDS);
        long map = section.number("compactionMapBytes", DEFAULT.compactionMapBytes, MB, MB << 10);
        List<String> directories = section.list("directories", DEFAULT.directories);
        section.done();
        return new LogsConfig(
                ring, unwritten, snapshot, expiry, retention, compaction, map, directories);
    }

    /** It lies outside the heap, where connections need room too. */
    private static long ring(Section section) throws ConfigException {
        long most = Math.max(DEFAULT.ringBytes, PlatformDependent.maxDirectMemory() / 2);
        long ring = section.number("ringBytes", DEFAULT.ringBytes, MB, Long.MAX_VALUE);
        if (ring > most) {
            throw section.fault(
                    "ringBytes",
                    "value '"
                            + ring
                            + "' is not allowed; allowed: up to "
                            + most
                            + ", half of the memory outside the heap that this JVM may use; raise"
                            + " -Xmx or -XX:MaxDirectMemorySize in MORTISE_JAVA_OPTS");
        }
        return ring;
    }
}
