// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Where an address lives and who listens to it: the mapping between addresses and topics, the
 * placement on partitions, and the subscription index. Pure.
 */
@NullMarked
package io.mortise.kernel.routing;

import org.jspecify.annotations.NullMarked;
