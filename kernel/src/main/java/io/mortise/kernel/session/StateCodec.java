// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/**
 * How the values of a {@link StateLog} change: the same code replays the log and follows what is
 * appended. A state that has changes, not only whole events, is a {@link FoldedState}.
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

    /** Whether an event makes a state of nothing; others only change one. */
    default boolean begins(ByteBuf event) {
        return whole(event);
    }

    /** The whole state that is noted when {@code event}, which is whole, comes upon a state. */
    default ByteBuf instead(@Nullable V current, ByteBuf event) {
        return event;
    }

    /** Whether nothing is expected to change for a while: it is written whole then. */
    default boolean resting(V state) {
        return false;
    }

    /** Whether it is wanted in memory although nobody holds it. */
    default boolean awake(V state) {
        return true;
    }

    /** When it wants to be looked at; {@link Long#MAX_VALUE} for never. */
    default long deadlineMillis(V state) {
        return Long.MAX_VALUE;
    }

    /** Whether it becomes obsolete by itself. */
    default boolean fades(V state) {
        return false;
    }

    /** Whether it is, and may be deleted. */
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
