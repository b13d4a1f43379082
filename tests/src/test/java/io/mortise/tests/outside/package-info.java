// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** What somebody who has nothing but the published artifacts can make of them. */
@NullMarked
package io.mortise.tests.outside;

import org.jspecify.annotations.NullMarked;
