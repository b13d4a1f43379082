// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics.Counter;
import io.mortise.spi.runtime.Clock;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.SingleThreadEventExecutor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Names an event loop that does not come back: it stalls every connection on it. Each {@link #tick}
 * asks the loops that have connections for a sign of life.
 */
final class LoopWatchdog {
    private static final Logger LOG = LoggerFactory.getLogger(LoopWatchdog.class);
    private static final long STUCK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Native methods in which a loop waits for its sockets. */
    private static final Set<String> WAITS =
            Set.of("epollWait", "epollWait0", "epollWait1", "wait", "poll", "wakeup");

    private final Clock clock;
    private final List<Watched> watched = new CopyOnWriteArrayList<>();
    private final Counter stalls;
    private long lastTickNanos;

    LoopWatchdog(Clock clock, Counter stalls) {
        this.stalls = stalls;
        this.clock = clock;
    }

    /**
     * Watches the loops of a group.
     *
     * @param connections nothing is asked while it is empty
     */
    Registration watch(String pluginId, EventLoopGroup group, Collection<?> connections) {
        List<Watched> added = new java.util.ArrayList<>();
        for (EventExecutor loop : group) {
            if (loop instanceof SingleThreadEventExecutor executor) {
                added.add(new Watched(pluginId, executor, connections));
            }
        }
        watched.addAll(added);
        return () -> watched.removeAll(added);
    }

    /** Stalls seen so far. */
    long stalls() {
        return stalls.value();
    }

    /** One caller at a time, a few times a second. */
    void tick() {
        long now = clock.nanoTime();
        boolean late = now - lastTickNanos > 3 * STUCK_NANOS;
        lastTickNanos = now;
        for (Watched loop : watched) {
            loop.check(now, late);
        }
    }

    private static boolean loading(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            if (frame.getMethodName().equals("<clinit>")
                    || frame.getClassName().equals("java.lang.ClassLoader")) {
                return true;
            }
        }
        return false;
    }

    /** One loop. Its fields belong to the ticking thread, but for {@code alive}. */
    private final class Watched {
        private final String pluginId;
        private final SingleThreadEventExecutor loop;
        private final Collection<?> connections;
        private volatile boolean alive = true;
        private long askedNanos;
        private boolean reported;

        Watched(String pluginId, SingleThreadEventExecutor loop, Collection<?> connections) {
            this.pluginId = pluginId;
            this.loop = loop;
            this.connections = connections;
        }

        /**
         * @param late this look came late itself, so the machine was stuck and not the loop
         */
        void check(long now, boolean late) {
            long sinceNanos = now - askedNanos;
            if (alive) {
                reportEnd(sinceNanos);
                ask(now);
            } else if (late) {
                askedNanos = now;
            } else if (!reported && sinceNanos >= STUCK_NANOS) {
                report(sinceNanos);
            }
        }

        private void ask(long now) {
            if (!connections.isEmpty() && !loop.isShuttingDown()) {
                askedNanos = now;
                alive = false;
                loop.execute(() -> alive = true);
            }
        }

        private void report(long nanos) {
            var thread = loop.threadProperties();
            StackTraceElement[] stack = thread.stackTrace();
            if (stack.length == 0 || WAITS.contains(stack[0].getMethodName())) {
                return; // about to look, but the machine has no core for it
            }
            reported = true;
            stalls.add(1);
            String top =
                    Arrays.stream(stack)
                            .limit(5)
                            .map(StackTraceElement::toString)
                            .collect(Collectors.joining(" < "));
            // A class that is needed for the first time stalls the loop too, but mends itself.
            LOG.atLevel(loading(stack) ? Level.INFO : Level.WARN)
                    .log(
                            "Event loop '{}' of plugin '{}' is stuck for {} ms; every connection on"
                                    + " it waits; it is in {}",
                            thread.name(),
                            pluginId,
                            TimeUnit.NANOSECONDS.toMillis(nanos),
                            top);
        }

        private void reportEnd(long nanos) {
            if (reported) {
                reported = false;
                LOG.info(
                        "Event loop '{}' of plugin '{}' goes on after {} ms",
                        loop.threadProperties().name(),
                        pluginId,
                        TimeUnit.NANOSECONDS.toMillis(nanos));
            }
        }
    }
}
