// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Kafka's record batch, version 2, as bytes: building, walking, checking and decompressing. Pure;
 * no class here keeps a thread, a clock or a file.
 */
@NullMarked
package io.mortise.kernel.record;

import org.jspecify.annotations.NullMarked;
