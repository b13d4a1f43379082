// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/** What the one who was refused can do. Closed: plugins compiled earlier switch over it. */
public enum Remedy {
    /** The request is wrong and will be refused again as it is. */
    FIX_REQUEST,
    /** The same request may succeed later. */
    RETRY_LATER,
    /** Another node or another connection owns this now. */
    GO_ELSEWHERE,
    /** Only an operator can help. */
    CALL_OPERATOR
}
