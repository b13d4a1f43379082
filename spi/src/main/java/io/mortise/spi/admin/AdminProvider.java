// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.admin;

import io.mortise.spi.protocol.Protocol;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What an admin plugin offers; found by {@link java.util.ServiceLoader}. Life cycle as a
 * protocol's.
 */
@ConsumerType
public interface AdminProvider {
    /** As {@link io.mortise.spi.protocol.ProtocolProvider#start}. */
    Protocol start(AdminContext context) throws Exception;
}
