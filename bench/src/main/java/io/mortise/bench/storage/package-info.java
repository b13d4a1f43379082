// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Partitions and storage engines beside the bare file layer; see bench/README.md. */
@NullMarked
package io.mortise.bench.storage;

import org.jspecify.annotations.NullMarked;
