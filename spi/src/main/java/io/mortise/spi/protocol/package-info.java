// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Protocol plugins: wire bytes to messages and back. The kernel owns the sockets and hands over
 * accepted channels.
 */
@NullMarked
@Version("0.1.0")
@Export
package io.mortise.spi.protocol;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
