// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The command line: each command is one request to the broker's control socket, so it needs neither
 * a plugin nor a token, only the data directory.
 */
@NullMarked
package io.mortise.cli;

import org.jspecify.annotations.NullMarked;
