// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import java.io.IOException;

/**
 * A log that failed earlier, in a round or aside of one, and serves nothing until it is closed and
 * opened anew. Its owner does that when it hears of it.
 */
public final class LogFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    public LogFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
