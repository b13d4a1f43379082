// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Storage engines: batches to disks, memory, objects. An engine keeps opaque stamped batches in
 * order and assigns nothing: offsets, epochs, producer state, look-up by timestamp are the
 * kernel's.
 */
@NullMarked
@Version("0.1.0")
@Export
package io.mortise.spi.storage;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
