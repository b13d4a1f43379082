// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.broker.Sessions.SessionRequest;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/**
 * What a request finds and does to the stored session.
 *
 * @param forget whether a stored session is deleted first
 * @param kept whether the session notes what must outlive its connection
 * @param orphanWill will of the session that is deleted, which its end makes due, or null
 * @param principal whose will that is
 * @param host where they were
 */
record Opening(
        ResumedState state,
        boolean forget,
        boolean kept,
        byte @Nullable [] orphanWill,
        Principal principal,
        String host) {
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
            StoredSession deleted = usable ? null : stored;
            return new Opening(
                    state,
                    deleted != null,
                    usable || request.expirySeconds() > 0,
                    deleted == null ? null : deleted.will,
                    deleted == null ? request.principal() : deleted.principal,
                    deleted == null ? request.host() : deleted.host);
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
