// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.kernel.delivery.DeliveryLoops;
import io.mortise.kernel.delivery.DeliveryServices;
import io.mortise.kernel.delivery.ExactlyOnceGate;
import io.mortise.kernel.delivery.LoopTurn;
import io.mortise.kernel.delivery.RetainedSink;
import io.mortise.spi.TenantId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * The contexts of all loops that have sessions. One is made with the first session of a tenant on a
 * loop and dropped with the last, so that a plugin's loops can go.
 */
final class LoopContexts {
    private record Key(TenantId tenant, Executor loop) {}

    private final DeliveryLoops loops;
    private final ByteBufAllocator buffers;
    private final RetainedSink retained;
    private final ExactlyOnceGate exactlyOnce;
    private final StateLog<StoredSession> log;
    private final Map<Key, LoopContext> contexts = new ConcurrentHashMap<>();

    LoopContexts(
            DeliveryServices services,
            RetainedSink retained,
            ExactlyOnceGate exactlyOnce,
            StateLog<StoredSession> log) {
        this.loops = new DeliveryLoops(services);
        this.buffers = services.buffers();
        this.retained = retained;
        this.exactlyOnce = exactlyOnce;
        this.log = log;
    }

    /** Counts one more user; called on the loop. */
    LoopContext acquire(TenantId tenant, Executor loop) {
        LoopContext context =
                contexts.computeIfAbsent(
                        new Key(tenant, loop), key -> make(tenant, new LoopTurn(loop, buffers)));
        context.sessions++;
        return context;
    }

    private LoopContext make(TenantId tenant, LoopTurn turn) {
        return new LoopContext(
                turn,
                loops.delivery(tenant, turn),
                loops.publisher(
                        tenant,
                        turn,
                        retained,
                        single -> deliverUnstored(tenant, single),
                        exactlyOnce),
                new StateWriter<>(log, turn));
    }

    /** Takes back {@link #acquire}; called on the loop. */
    void release(TenantId tenant, LoopContext context) {
        context.turn.run();
        context.sessions--;
        if (context.sessions == 0) {
            context.publisher.close();
            contexts.remove(new Key(tenant, context.turn.loop()), context);
        }
    }

    private void deliverUnstored(TenantId tenant, ByteBuf single) {
        contexts.forEach(
                (key, context) -> {
                    if (key.tenant().equals(tenant)) {
                        key.loop().execute(() -> context.delivery.deliverUnstored(single));
                    }
                });
    }
}
