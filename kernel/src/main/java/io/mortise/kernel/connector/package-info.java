// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Runs connectors: their definitions are metadata, their tasks a plugin's, the reading of the log
 * and the pauses between attempts are here.
 */
@NullMarked
package io.mortise.kernel.connector;

import org.jspecify.annotations.NullMarked;
