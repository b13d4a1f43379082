// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/**
 * What must have happened to a record before its producer is told that it is safe; weakest first.
 */
public enum Durability {
    /** Never stored: fanned out to those connected. */
    NONE,
    /** Sequenced in the broker's memory. */
    MEMORY,
    /** Handed to the operating system: survives the death of the process, not of the machine. */
    OS,
    /** Forced to the device (fdatasync, group commit): survives power loss. The default. */
    DISK
}
