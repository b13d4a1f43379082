// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryLoop;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.Publisher;

/** What all sessions of one tenant on one loop share. Used on that loop. */
final class LoopContext {
    final LoopTurn turn;
    final DeliveryLoop delivery;
    final Publisher publisher;
    final StateWriter<StoredSession> journal;
    int sessions;

    LoopContext(
            LoopTurn turn,
            DeliveryLoop delivery,
            Publisher publisher,
            StateWriter<StoredSession> journal) {
        this.turn = turn;
        this.delivery = delivery;
        this.publisher = publisher;
        this.journal = journal;
    }
}
