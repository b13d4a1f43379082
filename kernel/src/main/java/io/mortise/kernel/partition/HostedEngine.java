// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import io.mortise.spi.storage.StorageEngine;

/** An engine that runs here, and who writes to it. */
record HostedEngine(String name, StorageEngine engine, EngineWriter writer) {}
