// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.spi.Durability;
import io.mortise.spi.Reason;
import io.mortise.spi.broker.FetchedBatches;
import io.mortise.spi.broker.Partition;
import io.mortise.spi.broker.Partition.AppendResult;
import io.mortise.spi.broker.Partition.Visibility;
import io.mortise.spi.record.BatchHeader;
import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What one partition was given and has promised, and whether it keeps that. */
final class PartitionHistory {
    /** A batch in its place. */
    record Placed(long base, long end, int crc, long producer, int producerEpoch, int sequence) {}

    private static final int READ_BYTES = 3_000;

    final String name;
    final Durability durability;
    private final World world;
    private final @Nullable KeyedRecords keyed;
    private final List<Placed> placed = new ArrayList<>();
    private final Set<Long> everPlaced = new HashSet<>();

    /** Checksums of what was acknowledged as durable, for the check at the end. */
    private final Set<Integer> acknowledged = new HashSet<>();

    /** What a bit was flipped in, or in whose company: it may be refused. */
    private final List<long[]> damaged = new ArrayList<>();

    private int epoch = -1;
    private long end;
    private long start;
    private long promised;
    private boolean forgetful;

    PartitionHistory(World world, String name, Durability durability, boolean compacted) {
        this.world = world;
        this.name = name;
        this.durability = durability;
        this.keyed = compacted ? new KeyedRecords(world) : null;
    }

    boolean compacted() {
        return keyed != null;
    }

    /** Such a batch as belongs there. */
    ByteBuf batch(int records, int valueBytes) {
        return keyed != null
                ? world.keyedBatch(records, valueBytes)
                : world.batch(records, valueBytes);
    }

    long promised() {
        return promised;
    }

    long start() {
        return start;
    }

    /** Whether it may have forgotten producers: its level did not promise otherwise. */
    boolean forgetful() {
        return forgetful || start > 0;
    }

    // What happens to it.

    /** The broker died or stopped; with a weak level that ends promises. */
    void ended(boolean promisesHold) {
        if (!promisesHold) {
            promised = 0;
            start = 0;
            acknowledged.clear();
            forgetful = true;
            if (keyed != null) {
                keyed.unpromised();
            }
        }
    }

    /** Looks at a partition that leads. */
    void observe(Partition partition) {
        if (partition.leaderEpoch() != epoch) {
            reopened(partition);
        }
        long highWatermark = partition.highWatermark();
        keeps(highWatermark >= promised, "the high watermark never goes back", highWatermark);
        keeps(highWatermark <= end, "nothing is visible that was not placed", highWatermark);
        keeps(partition.logStartOffset() >= start, "the start stays", partition.logStartOffset());
        promised = highWatermark;
        start = partition.logStartOffset();
    }

    private void reopened(Partition partition) {
        keeps(partition.leaderEpoch() > epoch, "epochs grow", partition.leaderEpoch());
        epoch = partition.leaderEpoch();
        long found = partition.logEndOffset();
        keeps(found <= end, "nothing is invented", found);
        if (found < promised && (tailIsDamaged(found) || behindDamage(found) > found)) {
            cutByDamage(found);
        }
        keeps(found >= promised, "what was promised is there", found);
        while (!placed.isEmpty() && placed.getLast().end() > found) {
            end = placed.removeLast().base();
        }
        boolean whole = end == found || found == partition.logStartOffset();
        keeps(whole, "whole batches are there", found);
        end = found;
        if (keyed != null) {
            keyed.cut(found);
        }
    }

    // Damage.

    /**
     * A batch was damaged.
     *
     * @return whether it is of this partition
     */
    boolean damaged(FoundBatch batch) {
        if (!everPlaced.contains(place(batch.base(), batch.crc()))) {
            return false;
        }
        mayBeRefused(batch);
        return true;
    }

    /** A batch was damaged that nobody has appended so: compaction has made it, of some log. */
    void mayBeRefused(FoundBatch batch) {
        damaged.add(new long[] {batch.base(), batch.end()});
        forgetful = true; // a producer may be known by that batch alone
    }

    /** Where a reader goes on that was refused what is corrupt; as far if it must not be. */
    long behindDamage(long offset) {
        long behind = offset;
        long first = keyed == null ? offset : keyed.passGone(offset);
        for (long[] range : damaged) {
            if (range[0] <= first && offset < range[1]) {
                behind = Math.max(behind, range[1]);
            }
        }
        return behind;
    }

    /** What nothing vouches for looks like what was being written when the power failed. */
    private boolean tailIsDamaged(long found) {
        long next = found;
        while (next < promised && behindDamage(next) > next) {
            next = behindDamage(next);
        }
        return next >= promised;
    }

    /**
     * Known and open: the log may end before damaged bytes though good ones lie behind, where it
     * was cut by a failure since the last checkpoint and has no frame since, and where the last own
     * bytes are damaged.
     */
    private void cutByDamage(long found) {
        promised = found;
        if (keyed != null) {
            keyed.unpromised(); // what has given way to what is gone
        }
    }

    private void keeps(boolean kept, String promise, long found) {
        Violation.unless(kept, promise, this, found, promised);
    }

    // Appending.

    /** A batch got a place, or was told where it had one. */
    Placed appended(AppendResult result, ByteBuffer batch) {
        if (result.duplicate()) {
            return duplicate(result, BatchHeader.crc(batch, 0));
        }
        keeps(result.baseOffset() == end, "offsets follow each other", result.baseOffset());
        var entry =
                new Placed(
                        result.baseOffset(),
                        result.endOffset(),
                        BatchHeader.crc(batch, 0),
                        BatchHeader.producerId(batch, 0),
                        BatchHeader.producerEpoch(batch, 0),
                        BatchHeader.baseSequence(batch, 0));
        keeps(forgetful() || !isThere(entry), "no batch is placed twice", entry.base());
        placed.add(entry);
        everPlaced.add(place(entry.base(), entry.crc()));
        if (keyed != null) {
            keyed.placed(batch, entry.base());
        }
        end = entry.end();
        return entry;
    }

    private Placed duplicate(AppendResult result, int crc) {
        Placed earlier = at(result.baseOffset());
        boolean same =
                earlier != null && earlier.crc() == crc && earlier.end() == result.endOffset();
        keeps(same, "a duplicate is told its own place", result.baseOffset());
        return new Placed(result.baseOffset(), result.endOffset(), crc, -1, -1, -1);
    }

    /** A producer was told that this is there, though not where. */
    void wasPlaced(ByteBuffer batch) {
        int crc = BatchHeader.crc(batch, 0);
        boolean there = placed.stream().anyMatch(it -> it.crc() == crc);
        keeps(there || forgetful(), "what is called a duplicate is there", crc);
    }

    private boolean isThere(Placed entry) {
        return (keyed == null || entry.producer() >= 0)
                && placed.stream().anyMatch(it -> it.crc() == entry.crc());
    }

    private static long place(long base, int crc) {
        return base << 32 | (crc & 0xFFFF_FFFFL);
    }

    /** A producer was told that its batch is as durable as the topic asks. */
    void acknowledged(Placed entry) {
        if (entry.base() >= start) {
            Placed there = at(entry.base());
            boolean same = there != null && there.crc() == entry.crc();
            keeps(same, "what is acknowledged is there", entry.base());
        }
        promised = Math.max(promised, entry.end());
        acknowledged.add(entry.crc());
    }

    /** Everything below is deleted, and stays so. */
    void startAdvanced(long offset) {
        start = Math.max(start, offset);
    }

    /** The batch that begins there. */
    private @Nullable Placed at(long base) {
        int low = 0;
        int high = placed.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Placed entry = placed.get(middle);
            if (entry.base() == base) {
                return entry;
            }
            if (entry.base() < base) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }

    /** The base of a batch that is placed, or the end. */
    long drawBase(int drawn) {
        return placed.isEmpty() ? end : placed.get(drawn % placed.size()).base();
    }

    // Reading.

    /**
     * Checks what a reader got.
     *
     * @return where it reads on; {@code from} if the bytes could not be fetched
     */
    long read(long from, Visibility visibility, FetchedBatches fetched) {
        long next = from;
        try {
            for (FetchedBatches.Part part : fetched.parts()) {
                next = check(Batches.bytes(part), next, from, visibility);
            }
        } catch (IOException e) {
            return from; // the disk's trouble: this reader asks again
        }
        long told = fetched.nextOffset();
        if (keyed != null && visibility != Visibility.SEQUENCED && told > next) {
            keyed.gone(next, told);
            next = told;
        }
        keeps(told == next, "readers are told where to go on", told);
        if (visibility != Visibility.SEQUENCED) {
            promised = Math.max(promised, next);
        }
        return next;
    }

    private long check(ByteBuffer batches, long next, long from, Visibility visibility) {
        long offset = next;
        for (int at = batches.position(); at < batches.limit(); ) {
            long base = BatchHeader.baseOffset(batches, at);
            int crc = BatchHeader.crc(batches, at);
            keeps(Batches.crc(batches, at) == crc, "nothing corrupt is served", base);
            boolean gap = keyed != null && base > offset;
            boolean follows = gap || base == offset || (offset == from && base < from);
            keeps(follows, "records are served in order, without gaps", base);
            if (keyed != null) {
                offset = checkKeyed(keyed, batches, at, offset, visibility);
                keeps(offset > from, "only what was asked for is served", base);
                at += BatchHeader.sizeInBytes(batches, at);
                continue;
            }
            offset = BatchHeader.lastOffset(batches, at) + 1;
            keeps(offset > from, "only what was asked for is served", base);
            keeps(everPlaced.contains(place(base, crc)), "nothing invented is served", base);
            if (visibility != Visibility.SEQUENCED) {
                Placed there = at(base);
                boolean same = there != null && there.crc() == crc;
                keeps(same, "readers that keep positions see what stays", base);
            }
            at += BatchHeader.sizeInBytes(batches, at);
        }
        return offset;
    }

    /** What was read ahead of its durability may be gone, and something else be there. */
    private static long checkKeyed(
            KeyedRecords keyed, ByteBuffer batches, int at, long next, Visibility visibility) {
        if (visibility != Visibility.SEQUENCED) {
            keyed.check(batches, at, next, null);
        }
        return BatchHeader.lastOffset(batches, at) + 1;
    }

    /**
     * Whether a reader may be told this.
     *
     * @param startNow the start may have moved since it was looked at
     */
    void refused(long from, long startNow, Reason reason) {
        if (reason == Reason.OFFSET_OUT_OF_RANGE) {
            boolean gone = from < startNow || from > end || durability != Durability.DISK;
            keeps(gone, "what is there can be read", from);
        }
        if (reason == Reason.CORRUPT) {
            keeps(behindDamage(from) > from, "only what was damaged is refused", from);
            keeps(world.damageIsReported(), "damage is reported", from);
        }
        keeps(reason != Reason.INTERNAL_ERROR, "nothing fails unexpectedly", from);
    }

    // The end.

    /**
     * Reads everything, and looks at it as a stranger would who knows the acknowledgements only.
     */
    void checkAll(Partition partition, Reading reading) {
        observe(partition);
        Set<Integer> served = new HashSet<>();
        List<Long> lastSequences = new ArrayList<>();
        var latest = new KeyedRecords.Served(start);
        for (long next = start; next < partition.highWatermark(); ) {
            FetchedBatches fetched = reading.read(partition, this, next, READ_BYTES);
            if (fetched == null) {
                next = behindDamage(next);
                continue;
            }
            try (fetched) {
                long from = next;
                next = read(from, Visibility.COMMITTED, fetched);
                keeps(next > from, "reading gets on", from);
                collect(fetched, served, lastSequences, latest);
            }
        }
        if (keyed != null) {
            keyed.checkAll(latest, this);
            return;
        }
        for (Placed entry : placed) {
            if (entry.base() >= start && acknowledged.contains(entry.crc())) {
                if (behindDamage(entry.base()) > entry.base()) {
                    continue;
                }
                keeps(served.contains(entry.crc()), "acknowledged records are there", entry.base());
            }
        }
    }

    private void collect(
            FetchedBatches fetched,
            Set<Integer> served,
            List<Long> sequences,
            KeyedRecords.Served latest) {
        for (FetchedBatches.Part part : fetched.parts()) {
            ByteBuffer run;
            try {
                run = Batches.bytes(part);
            } catch (IOException e) {
                throw new Violation(this + " cannot be read on a calm disk: " + e);
            }
            for (int at = run.position(); at < run.limit(); ) {
                long base = BatchHeader.baseOffset(run, at);
                if (keyed != null) {
                    keyed.check(run, at, Math.max(base, start), latest);
                } else {
                    boolean first = served.add(BatchHeader.crc(run, at));
                    keeps(forgetful() || first, "every record is there once", base);
                }
                inOrder(run, at, sequences);
                at += BatchHeader.sizeInBytes(run, at);
            }
        }
    }

    /** Epoch and sequence of one producer only grow. */
    private void inOrder(ByteBuffer run, int at, List<Long> last) {
        int producer = (int) BatchHeader.producerId(run, at);
        if (producer < 0) {
            return;
        }
        while (last.size() <= producer) {
            last.add(-1L);
        }
        long position =
                (long) BatchHeader.producerEpoch(run, at) << 32 | BatchHeader.baseSequence(run, at);
        boolean grows = position > last.get(producer);
        keeps(grows || forgetful(), "a producer's records keep their order", position);
        last.set(producer, position);
    }

    /** Reads at once, letting the broker run meanwhile; null for what may be refused and is. */
    interface Reading {
        @Nullable FetchedBatches read(
                Partition partition, PartitionHistory history, long offset, int maxBytes);
    }

    @Override
    public String toString() {
        return "%s %s epoch %d start %d end %d".formatted(name, durability, epoch, start, end);
    }
}
