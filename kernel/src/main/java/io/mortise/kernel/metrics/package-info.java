// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Metrics on Micrometer, told in Prometheus' text format. */
@NullMarked
package io.mortise.kernel.metrics;

import org.jspecify.annotations.NullMarked;
