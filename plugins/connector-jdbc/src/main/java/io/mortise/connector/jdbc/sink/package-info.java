// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The running task: batches of records to transactions. */
@NullMarked
package io.mortise.connector.jdbc.sink;

import org.jspecify.annotations.NullMarked;
