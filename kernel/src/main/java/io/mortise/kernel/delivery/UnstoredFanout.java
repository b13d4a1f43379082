// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.netty.buffer.ByteBuf;

/** Hands messages that are never stored to every loop of their tenant. Any thread. */
@FunctionalInterface
public interface UnstoredFanout {
    /**
     * @param single as {@link SingleMessage} encodes, on the heap, shared, not changed again
     */
    void deliver(ByteBuf single);
}
