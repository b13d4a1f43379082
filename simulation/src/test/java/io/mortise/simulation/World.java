// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.netty.buffer.ByteBuf;

/** What those who use the broker need of a history. */
interface World {
    /** A batch that no other is like. */
    ByteBuf batch(int records, int valueBytes);

    /** As above, each record with one of {@link KeyedRecords#KEYS} keys, some without a value. */
    ByteBuf keyedBatch(int records, int valueBytes);

    long wallMillis();

    Loop loop(int index);

    /** How often the broker has started. */
    int lives();

    /** Whether the broker is about to end, in good order. */
    boolean stopping();

    /** Runs what hears from the broker, if that life of it is not over; keeps what it throws. */
    void guarded(int life, Runnable hearing);

    /** Whether the broker's metrics say that something is damaged. */
    boolean damageIsReported();

    void trace(String what, long a, long b, Object who);
}
