// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The plugin host with toy plugins. */
@NullMarked
package io.mortise.kernel.plugin;

import org.jspecify.annotations.NullMarked;
