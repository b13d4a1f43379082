// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The storage engine {@code rocksdb}: many small logs, and ordered keys, in one RocksDB. */
@NullMarked
package io.mortise.storage.rocksdb;

import org.jspecify.annotations.NullMarked;
