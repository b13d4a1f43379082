// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.cli;

/** What a command failed with: one line that says what is wrong and what to do. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private CommandFailure(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    /** The broker refused, or is not there. */
    static CommandFailure refused(String message) {
        return new CommandFailure(1, message);
    }

    /** The command was called wrongly. */
    static CommandFailure misused(String message) {
        return new CommandFailure(2, message);
    }

    int exitCode() {
        return exitCode;
    }
}
