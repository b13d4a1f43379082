// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

/** The broker broke a promise. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    Violation(String message) {
        super(message);
    }

    static void unless(boolean kept, String promise, Object where, long found, long expected) {
        if (!kept) {
            throw new Violation(
                    promise + ": " + where + ": found " + found + ", expected " + expected);
        }
    }
}
