// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.runtime.FileLayer;
import io.mortise.spi.storage.CorruptLogException;
import io.mortise.spi.storage.StorageProblem;
import io.mortise.storage.segment.LogSeed.Found;
import io.mortise.storage.segment.file.Checkpoint;
import io.mortise.storage.segment.file.Checkpoint.Packed;
import io.mortise.storage.segment.file.EpochRuns;
import io.mortise.storage.segment.file.PackFile;
import io.mortise.storage.segment.file.PackWriter;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * All packs. One lives until no log holds a piece of it and a checkpoint that does not name it is
 * durable. Under the lock of {@link Background} once the engine is open.
 */
final class Packs {
    /** So many packs of less than half the size are rewritten as one. */
    private static final int GREATEST_SMALL = 8;

    private final FileLayer files;
    private final RandomGenerator random;
    private final long packBytes;
    private final DamageLog damage;
    private final TreeMap<Long, PackFile> packs = new TreeMap<>();

    /** Those that the checkpoint that is being written does not name. */
    private List<PackFile> unneeded = List.of();

    private long nextNumber = 1;

    Packs(FileLayer files, RandomGenerator random, Settings settings, DamageLog damage) {
        this.files = files;
        this.random = random;
        this.packBytes = settings.commitFileBytes();
        this.damage = damage;
    }

    /** Opens those that a checkpoint names and deletes all others. */
    void open(Checkpoint checkpoint) throws IOException {
        files.createDirectories(PackFile.DIRECTORY);
        var named = new HashSet<Long>();
        for (Checkpoint.Entry entry : checkpoint.entries()) {
            entry.packed().forEach(each -> named.add(each.pack()));
        }
        for (String name : files.list(PackFile.DIRECTORY)) {
            long number = PackFile.numberOf(name);
            nextNumber = Math.max(nextNumber, number + 1);
            if (!named.contains(number)) {
                files.delete(PackFile.DIRECTORY + "/" + name);
            }
        }
        for (long number : named) {
            nextNumber = Math.max(nextNumber, number + 1);
            packs.put(number, opened(number));
        }
    }

    private PackFile opened(long number) throws IOException {
        PackFile pack = PackFile.open(files, number);
        try {
            pack.check();
        } catch (CorruptLogException corrupt) {
            String path = PackFile.path(number);
            String problem = corrupt.getMessage() + "; what is good in it is served";
            damage.found(new StorageProblem(null, path, -1, -1, problem, DamageLog.REMEDY));
        } catch (IOException refused) {
            pack.shared().release();
            throw refused;
        }
        return pack;
    }

    /** As the frame that it is. */
    Found found(Packed packed) {
        PackFile pack = packs.get(packed.pack());
        if (pack == null) {
            throw new IllegalStateException("pack " + packed.pack() + " is not open");
        }
        return new Found(
                pack,
                packed.position(),
                packed.length(),
                packed.base(),
                packed.end(),
                0,
                EpochRuns.UNKNOWN,
                packed.maxTimestampMillis());
    }

    /** Begins a pack. */
    PackWriter begin() throws IOException {
        return new PackWriter(files, nextNumber++, random.nextLong());
    }

    /** Size at which a pack is ended. */
    long packBytes() {
        return packBytes;
    }

    /** One more, which is durable. */
    void add(PackFile pack) {
        packs.put(pack.number(), pack);
    }

    /**
     * Packs that are to be rewritten: dead by half, or small and many; as many as give about one
     * new pack.
     */
    Set<PackFile> toRewrite() {
        var chosen = new HashSet<PackFile>();
        long bytes = 0;
        for (PackFile pack : packs.values()) {
            long live = pack.liveBytes();
            if (live > 0 && live < pack.bytes() / 2 && bytes + live <= packBytes) {
                bytes += live;
                chosen.add(pack);
            }
        }
        List<PackFile> small =
                packs.values().stream()
                        .filter(pack -> pack.liveBytes() > 0 && pack.bytes() < packBytes / 2)
                        .toList();
        if (small.size() > GREATEST_SMALL) {
            for (PackFile pack : small) {
                if (bytes + pack.liveBytes() <= packBytes && chosen.add(pack)) {
                    bytes += pack.liveBytes();
                }
            }
        }
        return chosen;
    }

    /** A checkpoint is being made: what no log holds it does not name, nor will any later one. */
    void noteUnneeded() {
        unneeded = packs.values().stream().filter(pack -> pack.liveBytes() == 0).toList();
    }

    /** The checkpoint is durable. */
    void release() throws IOException {
        List<PackFile> gone = unneeded;
        unneeded = List.of();
        for (PackFile pack : gone) {
            files.delete(PackFile.path(pack.number()));
            packs.remove(pack.number());
            pack.shared().release();
        }
    }

    void close() {
        packs.values().forEach(pack -> pack.shared().release());
        packs.clear();
    }
}
