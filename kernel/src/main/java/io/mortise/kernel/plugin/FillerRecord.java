// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

import org.jspecify.annotations.Nullable;

/** What {@link RecordCaches} has the JDK remember. */
record FillerRecord(@Nullable FillerRecord content) {}
