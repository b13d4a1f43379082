// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/** What every plugin is given, whatever its kind. */
@NullMarked
@Version("0.1.0")
@Export
package io.mortise.spi.plugin;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
