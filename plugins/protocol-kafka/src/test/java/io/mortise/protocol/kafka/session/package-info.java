// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** State of a connection. */
@NullMarked
package io.mortise.protocol.kafka.session;

import org.jspecify.annotations.NullMarked;
