// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Load generators and checkers for the benchmarks beside the peers; see bench/README.md. */
@NullMarked
package io.mortise.bench;

import org.jspecify.annotations.NullMarked;
