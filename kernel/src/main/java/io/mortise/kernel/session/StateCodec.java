// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * How the values of a {@link StateLog} change: the same code replays the log and follows what is
 * appended.
 *
 * @param <V> the state under one key; may be mutable
 */
interface StateCodec<V> {
    /**
     * Applies an event. An event that makes no sense for the state changes nothing.
     *
     * @param current null if there is none
     * @param event borrowed; null deletes
     * @return the state now, null for none
     */
    @Nullable V apply(String key, @Nullable V current, @Nullable ByteBuf event);

    /** Whether a snapshot may leave this state out, and memory forget it. */
    default boolean obsolete(V state, long nowMillis) {
        return false;
    }

    /** Whether an event says all there is to say, whatever the state was before. */
    boolean whole(ByteBuf event);

    /** What an operator is to know of states whose events were damaged. */
    String afterDamage();

    /** Appends an event that, applied to anything, gives {@code state}. */
    void encode(V state, ByteBuf out);
}
