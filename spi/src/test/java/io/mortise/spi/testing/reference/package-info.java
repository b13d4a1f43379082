// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The smallest engine that keeps all promises: an example to begin with, and what the kit is tried
 * on. It forces one file for each log and keeps an entry in memory for each batch, so it is no
 * engine for production.
 */
@NullMarked
package io.mortise.spi.testing.reference;

import org.jspecify.annotations.NullMarked;
