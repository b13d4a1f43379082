// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Who you are and what you may: authenticators are plugins, the rule model and its evaluation are
 * the kernel's.
 */
@NullMarked
@Version("0.2.0")
@Export
package io.mortise.spi.security;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
