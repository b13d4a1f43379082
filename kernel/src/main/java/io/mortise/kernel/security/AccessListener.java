// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.security;

import io.mortise.spi.TenantId;

/** Hears, on the metadata thread, that what was allowed may not be so any more; must not block. */
public interface AccessListener {
    /** Rules changed: whatever was checked must be checked again. */
    void rulesChanged();

    /**
     * A user was added, got another credential, or was removed: connections in that name must show
     * who they are again.
     */
    void userChanged(TenantId tenant, String name);
}
