// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.broker.Sessions;

/** Refuses every session: for a broker that only keeps logs. */
final class SessionsAbsent implements Sessions {
    @Override
    public void open(SessionRequest request, Receiver receiver, OpenCallback callback) {
        var refusal = new Refusal(Reason.UNSUPPORTED, "this broker keeps no sessions");
        request.loop().execute(() -> callback.completed(null, refusal));
    }
}
