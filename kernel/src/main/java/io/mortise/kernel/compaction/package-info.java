// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Which records of a compacted log stay, by Apache Kafka's rules: the last of each key, tombstones
 * and transaction markers until their delete horizon (KIP-534). Pure: bytes in, bytes out.
 */
@NullMarked
package io.mortise.kernel.compaction;

import org.jspecify.annotations.NullMarked;
