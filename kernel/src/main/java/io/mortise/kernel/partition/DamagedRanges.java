// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.LogId;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.storage.CorruptLogException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What readers of logs found damaged: refused as long as it is there, and said once. Who reads a
 * log for what it adds up to goes on behind it. Any thread.
 */
final class DamagedRanges {
    private static final Logger LOG = LoggerFactory.getLogger(DamagedRanges.class);

    private final Metrics.Counter found;
    private final Map<LogId, ConcurrentMap<Long, DamagedRange>> ranges = new ConcurrentHashMap<>();

    DamagedRanges(Metrics metrics) {
        found =
                metrics.counter(
                        "mortise_partition_damaged_ranges_total",
                        "Ranges of offsets that were found damaged and are refused");
    }

    /**
     * A read of {@code offset} was refused.
     *
     * @return where to go on, or -1 if nothing of the log can be read from there on
     */
    long found(LogId id, long offset, CorruptLogException corrupt) {
        long from = corrupt.offset() < 0 ? offset : Math.min(offset, corrupt.offset());
        long to = corrupt.nextOffset() > offset ? corrupt.nextOffset() : -1;
        var range = new DamagedRange(id, from, to, corrupt.file());
        if (of(id).putIfAbsent(from, range) == null) {
            found.add(1);
            LOG.error(
                    "{}: {}; what lies on both sides is served. Restore the range from a backup or"
                            + " another copy, or move the log's start past it, and check the disk:"
                            + " {}",
                    id,
                    range,
                    corrupt.getMessage());
        }
        return to;
    }

    private ConcurrentMap<Long, DamagedRange> of(LogId id) {
        return ranges.computeIfAbsent(id, i -> new ConcurrentSkipListMap<>());
    }

    /** Where to go on after a read of {@code offset} was refused; -1 if that is not known. */
    long after(LogId id, long offset) {
        for (DamagedRange range : of(id).values()) {
            if (range.from() <= offset && offset < range.to()) {
                return range.to();
            }
        }
        return -1;
    }

    /** The log is gone, or is another. */
    void forget(LogId id) {
        ranges.remove(id);
    }

    /** What lies below {@code start} is gone, or at and past {@code end}. */
    void keep(LogId id, long start, long end) {
        ConcurrentMap<Long, DamagedRange> known = ranges.get(id);
        if (known != null) {
            known.values().removeIf(it -> it.from() >= end || it.to() >= 0 && it.to() <= start);
        }
    }

    /** All that is known, in order. */
    List<DamagedRange> all() {
        var all = new TreeMap<String, List<DamagedRange>>();
        ranges.forEach((id, known) -> all.put(id.toString(), List.copyOf(known.values())));
        var list = new ArrayList<DamagedRange>();
        all.values().forEach(list::addAll);
        return list;
    }
}
