// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

/**
 * The state of one connection: which request is being answered, in which order answers leave, who
 * the client is.
 */
@NullMarked
package io.mortise.protocol.kafka.session;

import org.jspecify.annotations.NullMarked;
