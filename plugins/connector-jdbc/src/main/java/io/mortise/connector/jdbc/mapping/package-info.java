// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Records to rows: pure. */
@NullMarked
package io.mortise.connector.jdbc.mapping;

import org.jspecify.annotations.NullMarked;
