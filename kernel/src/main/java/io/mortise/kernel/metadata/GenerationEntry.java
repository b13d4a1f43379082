// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.metadata;

/**
 * A storage engine that a topic has, or once had.
 *
 * @param number from 0, one more with each change
 * @param engine its name
 * @param partitions that the topic had when it was chosen: those that came later begin with it, or
 *     with a later one
 */
public record GenerationEntry(int number, String engine, int partitions) {}
