// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

/**
 * A log that a partition consists of.
 *
 * @param number counts the changes of engine
 * @param engine that keeps it
 * @param startOffset where it was begun
 */
record Generation(int number, String engine, long startOffset) {}
