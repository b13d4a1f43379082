// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.spi.Registration;
import io.mortise.spi.plugin.Metrics.Counter;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.protocol.ConnectionAcceptor;
import io.mortise.spi.protocol.ListenerSpec;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.atomic.AtomicInteger;

/** One run of a plugin that takes the connections of one listener. */
final class Claim {
    private static final Logger LOG = LoggerFactory.getLogger(Claim.class);

    private final ListenerSpec spec;
    private final ListenerSettings settings;
    private final ConnectionAcceptor acceptor;
    private final PluginListeners plugin;
    private final FirstFrames firstFrames;
    private final AtomicInteger open = new AtomicInteger();
    private final Counter refused;
    private final Registration shown;

    Claim(
            ListenerSpec spec,
            ListenerSettings settings,
            ConnectionAcceptor acceptor,
            PluginListeners plugin,
            FirstFrames firstFrames,
            ListenerMetrics metrics) {
        this.spec = spec;
        this.settings = settings;
        this.acceptor = acceptor;
        this.plugin = plugin;
        this.firstFrames = firstFrames;
        this.refused = metrics.refused(spec.name());
        this.shown = metrics.connections(spec.name(), open::get);
    }

    ListenerSpec spec() {
        return spec;
    }

    ListenerSettings settings() {
        return settings;
    }

    String pluginId() {
        return plugin.id();
    }

    FirstFrames firstFrames() {
        return firstFrames;
    }

    /** It takes no more connections. */
    void release() {
        shown.close();
    }

    /** Takes an accepted channel that is on no loop yet. On the accepting loop. */
    void take(Channel channel, @Nullable SslContext tls) {
        if (!count(channel)) {
            channel.unsafe().closeForcibly();
            return;
        }
        var buffers = new ReadBuffers();
        channel.config().setRecvByteBufAllocator(buffers);
        channel.pipeline().addLast(new Opening(this, tls, buffers));
        plugin.adopt(channel);
    }

    /** Takes a channel whose first bytes were looked at on another loop, which it has left. */
    void takeChosen(Channel channel, ReadBuffers buffers, boolean encrypted, Runnable opened) {
        if (!count(channel)) {
            channel.unsafe().closeForcibly();
            return;
        }
        plugin.adopt(channel)
                .addListener(
                        future -> {
                            if (future.isSuccess() && open(channel, encrypted, buffers)) {
                                opened.run();
                            }
                        });
    }

    private boolean count(Channel channel) {
        if (open.incrementAndGet() > settings.maxConnections()) {
            open.decrementAndGet();
            refused.add(1);
            return false;
        }
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        return true;
    }

    private boolean open(Channel channel, boolean encrypted, ReadBuffers buffers) {
        if (channel.remoteAddress() == null) {
            channel.close();
            return false;
        }
        FirstFrames.Pending pending = firstFrames.add(channel);
        channel.closeFuture().addListener(closed -> pending.done());
        Connection connection =
                new AcceptedConnection(channel, spec.name(), encrypted, buffers, pending);
        try {
            acceptor.accept(connection);
            return true;
        } catch (RuntimeException | LinkageError bug) {
            LOG.error("Plugin '{}' failed to accept a connection", plugin.id(), bug);
            channel.close();
            return false;
        }
    }

    /** Fills the pipeline when the channel has come to its loop. */
    private static final class Opening extends ChannelInitializer<Channel> {
        private final Claim claim;
        private final @Nullable SslContext tls;
        private final ReadBuffers buffers;

        Opening(Claim claim, @Nullable SslContext tls, ReadBuffers buffers) {
            this.claim = claim;
            this.tls = tls;
            this.buffers = buffers;
        }

        @Override
        protected void initChannel(Channel channel) {
            if (tls != null) {
                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
            claim.open(channel, tls != null, buffers);
        }
    }
}
