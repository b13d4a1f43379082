// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.broker.Sessions.SessionRequest;
import io.mortise.spi.runtime.Clock;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/**
 * What a request finds and does to the stored session.
 *
 * @param forget whether a stored session is deleted first
 * @param kept whether the session notes what must outlive its connection
 */
record Opening(ResumedState state, boolean forget, boolean kept) {
    static Opening decide(
            StateLog<StoredSession> log,
            String key,
            SessionRequest request,
            RandomGenerator random,
            Clock clock) {
        StateLog.Shard<StoredSession> shard = log.shard(key);
        shard.lock.lock();
        try {
            StoredSession stored = shard.states.get(key);
            boolean usable =
                    stored != null && !request.cleanStart() && !expired(stored, clock.wallMillis());
            ResumedState state =
                    usable
                            ? ResumedState.of(stored, request.expirySeconds())
                            : ResumedState.fresh(random.nextLong(), request.expirySeconds());
            return new Opening(
                    state, stored != null && !usable, usable || request.expirySeconds() > 0);
        } finally {
            shard.lock.unlock();
        }
    }

    /** Whether a stored session's time is over. */
    static boolean expired(@Nullable StoredSession stored, long nowMillis) {
        return stored != null
                && stored.disconnectedAtMillis != StoredSession.CONNECTED
                && stored.expirySeconds != StoredSession.NEVER
                && nowMillis >= stored.disconnectedAtMillis + 1000 * stored.expirySeconds;
    }
}
