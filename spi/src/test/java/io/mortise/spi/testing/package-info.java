// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Fakes of the outside world and the suites that every implementation of an SPI passes; published
 * as a test JAR, so a plugin in another tree proves itself with the same suites.
 */
@NullMarked
package io.mortise.spi.testing;

import org.jspecify.annotations.NullMarked;
