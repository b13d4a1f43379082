// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.testing.EngineHarness;
import io.mortise.spi.testing.VolatileFileLayer;

import java.util.HashMap;
import java.util.Map;

/** Segment engines on volatile files. */
final class EngineBench {
    private static final Map<String, String> SHIPPED =
            Map.of(
                    "commitFileBytes", "16777216",
                    "commitLogBytes", "134217728",
                    "ownRoundBytes", "65536",
                    "ownFileBytes", "1048576",
                    "stagingBytes", "8388608",
                    "checkpointSeconds", "30");

    static final Map<String, String> SMALL =
            Map.of(
                    "commitFileBytes", "20000",
                    "commitLogBytes", "50000",
                    "ownRoundBytes", "6000",
                    "ownFileBytes", "4000",
                    "stagingBytes", "40000",
                    "checkpointSeconds", "30");

    /** As {@link #SMALL}, but that logs stay small, so that most of them lies in packs. */
    static final Map<String, String> PACKING =
            Map.of(
                    "commitFileBytes", "6000",
                    "commitLogBytes", "12000",
                    "ownRoundBytes", "6000",
                    "ownFileBytes", "60000",
                    "stagingBytes", "40000",
                    "checkpointSeconds", "30");

    private EngineBench() {}

    /** With the settings that it is shipped with, or those given as name, value, name, value. */
    static EngineHarness shipped(VolatileFileLayer files, String... changes) {
        var settings = new HashMap<>(SHIPPED);
        for (int i = 0; i < changes.length; i += 2) {
            settings.put(changes[i], changes[i + 1]);
        }
        return new EngineHarness(new SegmentStorageProvider(), settings, 1, files);
    }

    /** With {@link #PACKING}. */
    static EngineHarness packing(long seed, VolatileFileLayer files) {
        return new EngineHarness(new SegmentStorageProvider(), PACKING, seed, files);
    }

    /** With files, rounds and buffers so small that few batches meet every limit. */
    static EngineHarness small(long seed, VolatileFileLayer files) {
        return new EngineHarness(new SegmentStorageProvider(), SMALL, seed, files);
    }
}
