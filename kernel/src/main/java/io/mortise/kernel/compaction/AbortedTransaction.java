// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.compaction;

/**
 * A transaction that was aborted.
 *
 * @param firstOffset of its first record
 */
public record AbortedTransaction(long producerId, long firstOffset) {}
