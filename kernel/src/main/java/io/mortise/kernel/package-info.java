// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The broker as a process. */
@NullMarked
package io.mortise.kernel;

import org.jspecify.annotations.NullMarked;
