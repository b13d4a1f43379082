// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.admin;

import org.jspecify.annotations.Nullable;

/** Answers one kind of request; on a virtual thread, may block. */
@FunctionalInterface
public interface AdminHandler {
    /**
     * @return what the body says as JSON: maps, lists, records, numbers, texts; null for an empty
     *     object
     * @throws io.mortise.spi.RefusedException answered with its reason; anything else is a bug
     */
    @Nullable Object handle(AdminCall call) throws Exception;
}
