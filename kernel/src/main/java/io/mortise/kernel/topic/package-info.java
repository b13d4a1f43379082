// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Topics over the metadata image: rules for names and configs, creation, and which partitions this
 * node opens.
 */
@NullMarked
package io.mortise.kernel.topic;

import org.jspecify.annotations.NullMarked;
