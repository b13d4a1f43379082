// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** A whole broker starts, keeps what it was given, and stops. */
@NullMarked
package io.mortise.tests.smoke;

import org.jspecify.annotations.NullMarked;
