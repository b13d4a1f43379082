// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The unit on every log: the Kafka record batch, version 2 (KIP-98), byte for byte; and the names
 * of the headers by which properties of other protocols travel.
 */
@NullMarked
@Version("0.1.0")
@Export
package io.mortise.spi.record;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
