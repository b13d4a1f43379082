// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.admin;

import io.mortise.spi.protocol.ProtocolContext;

import org.osgi.annotation.versioning.ProviderType;

/** What an admin plugin is given. */
@ProviderType
public interface AdminContext extends ProtocolContext {
    Administration administration();
}
