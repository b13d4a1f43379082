// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Storage engines over the real clock, threads and files. */
@NullMarked
package io.mortise.tests.storage;

import org.jspecify.annotations.NullMarked;
