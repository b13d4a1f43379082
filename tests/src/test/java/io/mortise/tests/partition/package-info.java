// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Partitions over the engines that are shipped: power loss, failing disks, restarts. */
@NullMarked
package io.mortise.tests.partition;

import org.jspecify.annotations.NullMarked;
