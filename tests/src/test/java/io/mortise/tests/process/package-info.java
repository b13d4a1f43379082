// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Tests of the packaged broker as a process of its own: what a signal does to it. */
@NullMarked
package io.mortise.tests.process;

import org.jspecify.annotations.NullMarked;
