// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * From publishers into the log and from the log to subscribers. One {@link
 * io.mortise.kernel.delivery.DeliveryLoop} per event loop and tenant owns everything here, so
 * nothing needs a lock.
 */
@NullMarked
package io.mortise.kernel.delivery;

import org.jspecify.annotations.NullMarked;
