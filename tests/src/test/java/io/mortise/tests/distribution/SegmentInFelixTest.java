// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.tests.distribution;

import java.util.Map;

/** The segment engine passes the kit in Felix. */
final class SegmentInFelixTest extends InFelix {
    private static final Map<String, String> SMALL =
            Map.of(
                    "commitFileBytes", "20000",
                    "commitLogBytes", "50000",
                    "ownRoundBytes", "6000",
                    "ownFileBytes", "4000",
                    "stagingBytes", "40000",
                    "checkpointSeconds", "30");

    SegmentInFelixTest() {
        super("storage-segment");
    }

    @Override
    protected Map<String, String> settings() {
        return SMALL;
    }

    @Override
    protected int greatestOpenFiles(int logs, int extents) {
        return logs + extents + 50;
    }
}
