// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.kernel.listener.Transport.LoopThreads;
import io.mortise.spi.Reason;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.protocol.ConnectionAcceptor;
import io.mortise.spi.protocol.ListenerSpec;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Listeners, connections and event loops of one run of a plugin: they end with it. The loops are
 * made at the first listener.
 */
public final class PluginListeners implements Registration {
    private static final Logger LOG = LoggerFactory.getLogger(PluginListeners.class);

    private final Listeners listeners;
    private final String id;
    private final int loops;
    private final LoopThreads threads;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final List<Registration> claims = new ArrayList<>();
    private @Nullable EventLoopGroup group;
    private @Nullable Registration watch;
    private boolean closed;

    PluginListeners(Listeners listeners, String id, int loops, ClassLoader loader) {
        this.listeners = listeners;
        this.id = id;
        this.loops = loops;
        this.threads = new LoopThreads(id, loader);
    }

    String id() {
        return id;
    }

    /** As {@link io.mortise.spi.protocol.ProtocolContext#listen}. */
    public synchronized Registration listen(ListenerSpec spec, ConnectionAcceptor acceptor) {
        if (closed) {
            throw new RefusedException(Reason.SHUTTING_DOWN, "plugin '" + id + "' was stopped");
        }
        if (group == null) {
            group = listeners.group(loops, threads);
            watch = listeners.watch(id, group, channels);
        }
        Registration claim = listeners.claim(this, spec, acceptor);
        claims.add(claim);
        return claim;
    }

    /** Connections open now. */
    public int connections() {
        return channels.size();
    }

    /** Takes no more connections; those that are open stay. */
    public void stopListening() {
        List<Registration> closing;
        synchronized (this) {
            closing = List.copyOf(claims);
            claims.clear();
        }
        closing.reversed().forEach(Registration::close);
    }

    /** Closes what is still open, whatever the plugin thinks of it. */
    public void closeConnections() {
        channels.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** Ends listeners, connections and loops; when this returns, the threads are gone. */
    @Override
    public void close() {
        EventLoopGroup ending;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            ending = group;
        }
        stopListening();
        if (ending == null) {
            return;
        }
        closeConnections();
        if (watch != null) {
            watch.close();
        }
        ending.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        joinThreads();
    }

    /** Registers an accepted channel with one of the loops. */
    ChannelFuture adopt(Channel channel) {
        EventLoopGroup loopGroup = group;
        if (loopGroup == null) {
            throw new IllegalStateException("no listener was opened");
        }
        channels.add(channel);
        return loopGroup
                .register(channel)
                .addListener(
                        registered -> {
                            if (!registered.isSuccess()) {
                                channel.unsafe().closeForcibly();
                            }
                        });
    }

    private void joinThreads() {
        try {
            for (Thread thread : threads.made()) {
                if (!thread.join(Duration.ofSeconds(5))) {
                    LOG.warn("Thread '{}' does not end", thread.getName());
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
