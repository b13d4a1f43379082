// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The kernel's sockets: listeners, accepted connections and their bounds, and one event-loop group
 * per started protocol plugin.
 */
@NullMarked
package io.mortise.kernel.listener;

import org.jspecify.annotations.NullMarked;
