// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The shipped bundles in a framework that is not the kernel's. */
@NullMarked
package io.mortise.tests.pax;

import org.jspecify.annotations.NullMarked;
