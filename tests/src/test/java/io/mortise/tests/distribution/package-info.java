// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The shipped directory: bundles, class paths, launcher. */
@NullMarked
package io.mortise.tests.distribution;

import org.jspecify.annotations.NullMarked;
