// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

/**
 * A boundary between batches of an extent.
 *
 * @param offset of the batch behind it
 * @param position in the extent
 */
record Place(long offset, int position) {}
