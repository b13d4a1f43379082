// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Users with passwords, kept in the broker's metadata as PBKDF2 hashes. */
@NullMarked
package io.mortise.auth.builtin;

import org.jspecify.annotations.NullMarked;
