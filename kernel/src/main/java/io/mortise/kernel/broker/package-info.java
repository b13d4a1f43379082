// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Puts the kernel's rooms and the plugins together to a running broker. */
@NullMarked
package io.mortise.kernel.broker;

import org.jspecify.annotations.NullMarked;
