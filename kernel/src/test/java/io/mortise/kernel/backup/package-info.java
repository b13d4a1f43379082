// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
@NullMarked
package io.mortise.kernel.backup;

import org.jspecify.annotations.NullMarked;
