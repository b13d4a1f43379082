// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Sockets on loopback under a clock that the tests move. */
@NullMarked
package io.mortise.kernel.listener;

import org.jspecify.annotations.NullMarked;
