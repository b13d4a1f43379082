// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.broker.Partition;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.TreeMap;

/** Offsets that a scan passed over because they are damaged. */
final class DamagedOffsets {
    private static final Logger LOG = LoggerFactory.getLogger(DamagedOffsets.class);

    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    void range(long from, long to) {
        ranges.put(from, to);
    }

    void clear() {
        ranges.clear();
    }

    boolean has(long offset) {
        var below = ranges.floorEntry(offset);
        return below != null && offset < below.getValue();
    }

    /** A note of a record that cannot be read stays; a record without note cannot be known. */
    void report(Partition partition) {
        ranges.forEach(
                (from, to) ->
                        LOG.error(
                                "{}: offsets {} to {} are damaged: an exactly-once publish there"
                                        + " that its session had not noted yet would be stored"
                                        + " again if its client repeats it",
                                partition.logId(),
                                from,
                                to - 1));
    }
}
