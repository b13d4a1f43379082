// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.mortise.spi.Refusal;
import io.mortise.spi.security.Principal;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

import java.util.concurrent.Executor;

/** The registry of sessions. */
@ProviderType
public interface Sessions {
    /**
     * Opens or resumes a session, taking it over from an earlier connection with the same tenant
     * and client id (which hears {@link Receiver#closed} with TAKEN_OVER first). All later calls on
     * the session and its receiver are made on {@code request.loop()}, where {@code callback} is
     * told too, once whatever it promises is durable.
     */
    void open(SessionRequest request, Receiver receiver, OpenCallback callback);

    /**
     * What a connection asks for.
     *
     * @param clientId not empty
     * @param loop the connection's event loop; single-threaded
     * @param cleanStart forget what an earlier session kept
     * @param expirySeconds keep the session this long after the connection ended; 0 not at all,
     *     0xFFFFFFFF for ever
     * @param receiveMaximum messages of QoS 1 and 2 that may be unacknowledged at once
     * @param will published if the connection ends without {@link Session.End#NORMAL}; its payload
     *     is taken
     */
    record SessionRequest(
            Principal principal,
            String host,
            String clientId,
            Executor loop,
            boolean cleanStart,
            long expirySeconds,
            int receiveMaximum,
            @Nullable Will will) {}

    /**
     * A will (MQTT 5.0, section 3.1.2.5).
     *
     * @param delaySeconds after the end of the connection; never after the end of the session
     */
    record Will(Message message, long delaySeconds) {}

    /** Told once, on the loop. */
    @FunctionalInterface
    interface OpenCallback {
        /** Exactly one of the two is not null. */
        void completed(@Nullable Session session, @Nullable Refusal refusal);
    }
}
