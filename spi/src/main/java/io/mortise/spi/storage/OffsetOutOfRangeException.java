// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

import java.io.IOException;

/** A read outside of the log. */
public final class OffsetOutOfRangeException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Says which log was asked for which offset, and what it has. */
    public OffsetOutOfRangeException(String message) {
        super(message);
    }
}
