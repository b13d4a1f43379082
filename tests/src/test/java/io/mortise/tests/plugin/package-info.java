// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The shipped bundles come and go while the broker runs. */
@NullMarked
package io.mortise.tests.plugin;

import org.jspecify.annotations.NullMarked;
