// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/**
 * A disk on which things go wrong, each kind only after it was switched on, all drawn from one
 * seed: the same calls in the same order meet the same troubles. Any thread; a crash leaves the
 * switches as they are.
 */
public final class SimulatedFileLayer extends VolatileFileLayer {
    /** What may go wrong while the power is on. */
    public enum Trouble {
        /** An operation fails and has done nothing (EIO). */
        IO_ERROR,
        /** A write fails for want of room and has done nothing (ENOSPC). */
        NO_SPACE,
        /** A write fails after a part of it. */
        SHORT_WRITE,
        /** An operation takes up to the longest time of {@link #slow}, on the fake clock. */
        SLOW,
        /** After a force, one bit of the file is another, on the medium too. */
        BIT_FLIP,
        /** A write goes to another sector of its file than the one it was meant for. */
        MISDIRECTED_WRITE,
        /**
         * A force fails; what was to be forced is on the medium never, and for readers perhaps no
         * longer.
         */
        FAILED_FORCE,
        /** Sectors reach the medium before they are forced: harmless, but not for the careless. */
        EARLY_WRITE_BACK
    }

    private static final int SECTOR = 512;

    private final Random random;
    private final Map<Trouble, Integer> perMille = new EnumMap<>(Trouble.class);
    private final Map<Trouble, Integer> happened = new EnumMap<>(Trouble.class);
    private FakeClock clock = new FakeClock();
    private long longestNanos;

    /** A disk without troubles; a crash keeps a random part of what was not forced. */
    public SimulatedFileLayer(long seed) {
        super(seed);
        random = new Random(~seed);
    }

    /** Switches a trouble on: so many of a thousand operations that it applies to meet it. */
    public synchronized SimulatedFileLayer on(Trouble trouble, int chancePerMille) {
        perMille.put(trouble, chancePerMille);
        return this;
    }

    /** Switches a trouble off. */
    public synchronized SimulatedFileLayer off(Trouble trouble) {
        perMille.remove(trouble);
        return this;
    }

    /** Switches all troubles off. */
    public synchronized void calm() {
        perMille.clear();
    }

    /** The clock that slow operations move, and by how much at most. */
    public synchronized SimulatedFileLayer slow(FakeClock fakeClock, long greatestNanos) {
        clock = fakeClock;
        longestNanos = greatestNanos;
        return this;
    }

    /** How often a trouble was met. */
    public synchronized int happened(Trouble trouble) {
        return happened.getOrDefault(trouble, 0);
    }

    @Override
    synchronized void check(Operation operation, String path) throws IOException {
        super.check(operation, path);
        if (meets(Trouble.SLOW)) {
            clock.advanceNanos(random.nextLong(longestNanos + 1));
        }
        if (meets(Trouble.IO_ERROR)) {
            throw new IOException(operation + " of '" + path + "': Input/output error");
        }
        if (operation == Operation.WRITE && meets(Trouble.NO_SPACE)) {
            throw new IOException("write to '" + path + "': No space left on device");
        }
    }

    @Override
    void write(VolatileFile file, String path, ByteBuffer source, int position) throws IOException {
        if (source.remaining() > 1 && meets(Trouble.SHORT_WRITE)) {
            int part = random.nextInt(source.remaining());
            file.write(source.slice(source.position(), part), position);
            throw new IOException(
                    "write to '" + path + "' ended after " + part + " bytes: Input/output error");
        }
        int sectors = file.size() / SECTOR;
        boolean strays = sectors > 1 && meets(Trouble.MISDIRECTED_WRITE);
        file.write(source, strays ? random.nextInt(sectors) * SECTOR : position);
        if (meets(Trouble.EARLY_WRITE_BACK)) {
            file.writeBack(random);
        }
    }

    @Override
    void force(VolatileFile file, String path) throws IOException {
        if (meets(Trouble.FAILED_FORCE)) {
            file.dropDirty(random);
            throw new IOException("force of '" + path + "': Input/output error");
        }
        super.force(file, path);
        if (file.size() > 0 && meets(Trouble.BIT_FLIP)) {
            file.flipBit(random.nextInt(file.size()), random.nextInt(8));
        }
    }

    private boolean meets(Trouble trouble) {
        Integer chance = perMille.get(trouble);
        if (chance == null || random.nextInt(1000) >= chance) {
            return false;
        }
        happened.merge(trouble, 1, Integer::sum);
        return true;
    }
}
