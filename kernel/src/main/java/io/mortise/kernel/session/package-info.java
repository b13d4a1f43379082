// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * Sessions: who is connected, what they subscribed to, what is in flight, and what must outlive a
 * connection or the broker. A session is used on its connection's loop; what outlives it lies in
 * {@link io.mortise.kernel.session.StateLog}s.
 */
@NullMarked
package io.mortise.kernel.session;

import org.jspecify.annotations.NullMarked;
