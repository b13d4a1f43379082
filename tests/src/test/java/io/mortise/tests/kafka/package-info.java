// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Kafka clients against the whole broker. */
@NullMarked
package io.mortise.tests.kafka;

import org.jspecify.annotations.NullMarked;
