// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/** Sessions on the segment engine over disks that lose power. */
@NullMarked
package io.mortise.tests.session;

import org.jspecify.annotations.NullMarked;
