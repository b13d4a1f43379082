// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.connector.jdbc.mapping;

/** A record that fits no row; the message says which column and why. */
public final class UnfitRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnfitRecordException(String message) {
        super(message, null, false, false);
    }
}
