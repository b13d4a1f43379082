// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.connector;

/** The other system is away or busy; the same records will be offered again. */
public final class RetriableSinkException extends Exception {
    private static final long serialVersionUID = 1L;

    public RetriableSinkException(String message, Throwable cause) {
        super(message, cause);
    }
}
