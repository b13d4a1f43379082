// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.testing.tck;

import io.mortise.spi.Durability;
import io.mortise.spi.storage.StorageEngine;
import io.mortise.spi.storage.StorageEngineProvider;

import org.junit.jupiter.api.Nested;

import java.util.Map;

/**
 * The compatibility kit for storage engines. Extend it, say how the engine is made, and run it:
 *
 * <pre>{@code
 * class MyEngineTest extends LogStorageTck {
 *     @Override
 *     protected StorageEngineProvider provider() {
 *         return new MyStorageProvider();
 *     }
 * }
 * }</pre>
 *
 * <p>What the engine declares ({@link StorageEngine#durabilities}) must work: MEMORY lives as long
 * as the engine, OS outlives its process, DISK a loss of power at any moment; what it does not
 * declare must be refused. Groups that need a level that is not declared are skipped. Files, time
 * and scheduler are simulated, and all failures are drawn from seeds that a failing test names.
 * {@code -Dmortise.deep=true} tries many more.
 */
public abstract class LogStorageTck {
    /** The engine under test. */
    protected abstract StorageEngineProvider provider();

    /** All settings of the plugin, small enough that a few megabytes meet its limits. */
    protected Map<String, String> settings() {
        return Map.of();
    }

    /**
     * Whether the engine stands on a library that writes files by itself, in {@link
     * io.mortise.spi.storage.StorageContext#directory}, and brings native code. It then runs in
     * real directories, its process can die, and everything that needs a simulated disk (loss of
     * power, damage, faults of the disk) or that its classes can go is skipped.
     */
    protected boolean keepsOwnFiles() {
        return false;
    }

    /** The most files that are open while so many logs with so many extents in all are. */
    protected int greatestOpenFiles(int logs, int extents) {
        return logs + 50;
    }

    /** Whether a file holds nothing that the engine cannot make anew from its other files. */
    protected boolean rebuilds(String path) {
        return false;
    }

    /**
     * Whether the engine has a check of its own over what the kernel stamps outside of a batch's
     * CRC: the leader epoch.
     */
    protected boolean checksLeaderEpochs() {
        return true;
    }

    @Nested
    final class AtMemory extends PlainGroup {
        AtMemory() {
            super(LogStorageTck.this, Durability.MEMORY);
        }
    }

    @Nested
    final class AtOs extends PlainGroup {
        AtOs() {
            super(LogStorageTck.this, Durability.OS);
        }
    }

    @Nested
    final class AtDisk extends PlainGroup {
        AtDisk() {
            super(LogStorageTck.this, Durability.DISK);
        }
    }

    @Nested
    final class ReplaceAtMemory extends ReplaceGroup {
        ReplaceAtMemory() {
            super(LogStorageTck.this, Durability.MEMORY);
        }
    }

    @Nested
    final class ReplaceAtOs extends ReplaceGroup {
        ReplaceAtOs() {
            super(LogStorageTck.this, Durability.OS);
        }
    }

    @Nested
    final class ReplaceAtDisk extends ReplaceGroup {
        ReplaceAtDisk() {
            super(LogStorageTck.this, Durability.DISK);
        }
    }

    @Nested
    final class Promises extends PromiseGroup {
        Promises() {
            super(LogStorageTck.this);
        }
    }

    @Nested
    final class Crashes extends CrashGroup {
        Crashes() {
            super(LogStorageTck.this);
        }
    }

    @Nested
    final class TornTails extends TornTailGroup {
        TornTails() {
            super(LogStorageTck.this);
        }
    }

    @Nested
    final class Damage extends DamageGroup {
        Damage() {
            super(LogStorageTck.this);
        }
    }

    @Nested
    final class Disks extends DiskGroup {
        Disks() {
            super(LogStorageTck.this);
        }
    }

    @Nested
    final class Concurrency extends ConcurrencyGroup {
        Concurrency() {
            super(LogStorageTck.this);
        }
    }

    @Nested
    final class Resources extends ResourceGroup {
        Resources() {
            super(LogStorageTck.this);
        }
    }

    @Nested
    final class Model extends ModelGroup {
        Model() {
            super(LogStorageTck.this);
        }
    }

    @Nested
    final class Unload extends UnloadGroup {
        Unload() {
            super(LogStorageTck.this);
        }
    }
}
