// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * The administration of the broker, one set of resources for the control socket, the command line
 * and HTTP.
 */
@NullMarked
@Version("0.1.0")
@Export
package io.mortise.spi.admin;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
