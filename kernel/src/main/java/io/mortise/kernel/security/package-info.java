// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Who a client is and what it may do: the chain of authenticators, users and rules in the metadata,
 * their evaluation.
 */
@NullMarked
package io.mortise.kernel.security;

import org.jspecify.annotations.NullMarked;
