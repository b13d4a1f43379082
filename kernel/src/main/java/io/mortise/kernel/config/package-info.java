// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** What mortise.yaml and users.yaml say: read strictly, every fault with its line. */
@NullMarked
package io.mortise.kernel.config;

import org.jspecify.annotations.NullMarked;
