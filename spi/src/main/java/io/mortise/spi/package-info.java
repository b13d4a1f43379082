// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Values that every contract shares: identities of logs, durability, refusals.
 *
 * <p>All types here are immutable and may be used by any thread.
 */
@NullMarked
@Version("0.1.0")
@Export
package io.mortise.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
