// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The control socket: administration for whoever owns the data directory, without a plugin, a port
 * or a token.
 */
@NullMarked
package io.mortise.kernel.control;

import org.jspecify.annotations.NullMarked;
