// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Connectors: other systems to topics and back. Records are decoded; no Netty here. */
@NullMarked
@Version("0.1.0")
@Export
package io.mortise.spi.connector;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
