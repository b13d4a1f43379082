// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import io.mortise.spi.LogId;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Optional ability of a {@link StorageEngine}: makes room by itself, by dropping the oldest batches
 * of logs. Nobody is asked first, so a need that someone has said of them is no obstacle; whoever
 * reads there is told that it is out of range, as after retention.
 */
@ConsumerType
public interface SelfTrimming {
    /** Names who is told. Once, before the first log is opened. */
    void onTrim(TrimListener listener);

    /** Told what was dropped. */
    @ProviderType
    interface TrimListener {
        /**
         * The log, which is open, starts at {@code startOffset} now. The engine's writer thread,
         * before the append that needed the room returns; returns at once. The engine holds no lock
         * meanwhile.
         */
        void trimmed(LogId log, long startOffset);
    }
}
