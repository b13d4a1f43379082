// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * What the broker knows about itself: topics, partitions, users, rules, plugins, connectors.
 * Commands become records, records are committed by a {@link
 * io.mortise.kernel.metadata.MetadataLog}, and only the replay of committed records changes the
 * immutable image that every thread reads.
 */
@NullMarked
package io.mortise.kernel.metadata;

import org.jspecify.annotations.NullMarked;
