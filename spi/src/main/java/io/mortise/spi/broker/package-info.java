// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The services of the broker that protocols, connectors and the administration stand on: topics,
 * partitions, sessions. Buffers are Netty's; channels are not known here.
 */
@NullMarked
@Version("0.2.0")
@Export
package io.mortise.spi.broker;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
