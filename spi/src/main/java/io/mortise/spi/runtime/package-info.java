// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The world outside, handed in by its owner so that a whole broker can run on one thread from a
 * seed: clock, scheduler, files. Only the kernel's runtime (and a test) makes real ones.
 */
@NullMarked
@Version("0.1.0")
@Export
package io.mortise.spi.runtime;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
