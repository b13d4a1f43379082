// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** Sink connector from topics to tables of PostgreSQL. */
@NullMarked
package io.mortise.connector.jdbc;

import org.jspecify.annotations.NullMarked;
