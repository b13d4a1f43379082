// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The compatibility kit for storage engines: extend {@link
 * io.mortise.spi.testing.tck.LogStorageTck}.
 */
@NullMarked
package io.mortise.spi.testing.tck;

import org.jspecify.annotations.NullMarked;
