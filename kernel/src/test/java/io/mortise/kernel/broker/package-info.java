// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The assembled kernel with toy plugins. */
@NullMarked
package io.mortise.kernel.broker;

import org.jspecify.annotations.NullMarked;
