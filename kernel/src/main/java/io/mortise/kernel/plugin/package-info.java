// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The plugin host: finds plugins in bundles or on the class path, starts and stops them, proves
 * that they are gone afterwards, and says in plain words what is wrong with one that fails.
 */
@NullMarked
package io.mortise.kernel.plugin;

import org.jspecify.annotations.NullMarked;
