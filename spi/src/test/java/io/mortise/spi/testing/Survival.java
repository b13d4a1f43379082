// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing;

import java.util.Random;

/** What a power loss leaves of all that was not forced. */
public interface Survival {
    /** Nothing of it. */
    Survival NOTHING = new Survival() {};

    /** How many of {@code unforced} changes of names are kept, the oldest first. */
    default int names(int unforced) {
        return 0;
    }

    /**
     * Called for each file before its sectors.
     *
     * @return the file's size, not more than the greater of the two
     */
    default int size(String path, int forcedSize, int size) {
        return forcedSize;
    }

    /** Whether a 512-byte sector that was written and not forced reached the medium. */
    default boolean sector(String path, int sector) {
        return false;
    }

    /** A random part of it, anew for each file. */
    static Survival random(Random random) {
        return new Survival() {
            private int percent;

            @Override
            public int names(int unforced) {
                return random.nextInt(unforced + 1);
            }

            @Override
            public int size(String path, int forcedSize, int size) {
                percent = random.nextInt(101);
                if (size == forcedSize || random.nextBoolean()) {
                    return forcedSize;
                }
                int low = Math.min(size, forcedSize);
                return low + random.nextInt(Math.max(size, forcedSize) - low + 1);
            }

            @Override
            public boolean sector(String path, int sector) {
                return random.nextInt(100) < percent;
            }
        };
    }
}
