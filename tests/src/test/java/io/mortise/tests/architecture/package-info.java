// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The import rules of the rooms, read off the class files of every module. */
@NullMarked
package io.mortise.tests.architecture;

import org.jspecify.annotations.NullMarked;
