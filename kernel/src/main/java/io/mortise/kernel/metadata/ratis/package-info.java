// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The carrier of metadata for two nodes and more: one group of Apache Ratis. Only this package
 * names Ratis.
 */
@NullMarked
package io.mortise.kernel.metadata.ratis;

import org.jspecify.annotations.NullMarked;
