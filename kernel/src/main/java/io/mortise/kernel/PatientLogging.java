// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel;

import java.util.logging.LogManager;

/**
 * Keeps the handlers while the broker stops. The JDK's own manager closes them as soon as the
 * process begins to end, and what goes wrong then would be lost.
 */
public final class PatientLogging extends LogManager {
    private static volatile boolean ended;

    /** The last line is written. */
    static void end() {
        ended = true;
        getLogManager().reset();
    }

    @Override
    public void reset() {
        if (ended) {
            super.reset();
        }
    }
}
