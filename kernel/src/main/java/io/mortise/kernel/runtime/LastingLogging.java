// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.runtime;

import java.util.logging.LogManager;

/**
 * A log manager that goes on while the process stops. The JDK's own closes every handler in a
 * shutdown hook, beside the hook that stops the broker, and what the broker says from then on is
 * lost. Named by the launcher in {@code java.util.logging.manager}.
 */
public final class LastingLogging extends LogManager {
    /** Made by the JDK, by name. */
    public LastingLogging() {}

    /** Keeps the handlers: each record is flushed as it is written, so nothing has to be closed. */
    @Override
    public void reset() {}
}
