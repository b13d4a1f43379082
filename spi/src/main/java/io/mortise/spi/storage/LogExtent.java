// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.storage;

/**
 * A droppable range of a log.
 *
 * @param baseOffset first offset
 * @param endOffset one past the last
 * @param sizeBytes of its batches
 * @param maxTimestampMillis greatest timestamp of a batch header in it, -1 when empty
 */
public record LogExtent(long baseOffset, long endOffset, long sizeBytes, long maxTimestampMillis) {}
