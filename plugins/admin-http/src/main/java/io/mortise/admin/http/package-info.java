// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** The administration over HTTP/1.1: health, metrics, and the resources under {@code /api/v1}. */
@NullMarked
package io.mortise.admin.http;

import org.jspecify.annotations.NullMarked;
