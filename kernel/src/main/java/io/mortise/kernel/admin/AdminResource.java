// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import io.mortise.spi.admin.Administration.Request;
import io.mortise.spi.admin.Administration.Response;

/** A family of paths that answers for itself. */
public interface AdminResource {
    /** Whether the path is one of these. */
    boolean owns(String path);

    /** Answers; on a virtual thread, may block. */
    Response handle(Request request);
}
