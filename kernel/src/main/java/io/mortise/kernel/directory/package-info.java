// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The directories that keep a node's logs, whether each is in service, and how small files are kept
 * there.
 */
@NullMarked
package io.mortise.kernel.directory;

import org.jspecify.annotations.NullMarked;
