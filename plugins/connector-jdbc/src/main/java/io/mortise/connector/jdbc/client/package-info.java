// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The database: connection, columns, statements, offsets. */
@NullMarked
package io.mortise.connector.jdbc.client;

import org.jspecify.annotations.NullMarked;
