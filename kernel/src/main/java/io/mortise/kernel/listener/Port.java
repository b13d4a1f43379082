// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.handler.ssl.SslContext;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The sockets of one port, on one address or several, and who takes what they accept. Changed under
 * the lock of {@link Listeners}; read on the accepting loop.
 */
final class Port {
    private final Transport transport;
    private final EventLoopGroup accepting;
    private final @Nullable SslContext tls;
    private final ListenerSettings settings;
    private final FirstFrames undecided;
    private final List<Channel> servers = new ArrayList<>();
    private final List<Claim> claims = new ArrayList<>();
    private final Set<String> holders = new HashSet<>();

    /** The newest claim of each listener. */
    private volatile List<Claim> current = List.of();

    Port(
            Transport transport,
            EventLoopGroup accepting,
            @Nullable SslContext tls,
            ListenerSettings settings,
            FirstFrames undecided) {
        this.transport = transport;
        this.accepting = accepting;
        this.tls = tls;
        this.settings = settings;
        this.undecided = undecided;
    }

    /** Binds one address; throws what the system says. */
    void bind(InetAddress address, int port) throws Exception {
        ServerSocketChannel server = transport.serverChannel();
        server.config().setOption(ChannelOption.SO_REUSEADDR, true);
        server.config().setOption(ChannelOption.SO_BACKLOG, 1024);
        server.pipeline().addLast(new Accepting());
        accepting.register(server).sync();
        var bound = server.bind(new InetSocketAddress(address, port)).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            server.close();
            throw bound.cause() instanceof Exception why ? why : new Exception(bound.cause());
        }
        servers.add(server);
    }

    /** The port bound; only after a bind. */
    int number() {
        return ((InetSocketAddress) servers.getFirst().localAddress()).getPort();
    }

    List<InetSocketAddress> addresses() {
        return servers.stream().map(server -> (InetSocketAddress) server.localAddress()).toList();
    }

    ListenerSettings settings() {
        return settings;
    }

    boolean encrypted() {
        return tls != null;
    }

    List<Claim> current() {
        return current;
    }

    /** Lets claims in front of what the same listener had; accepting goes on. */
    void add(Claim claim) {
        claims.add(claim);
        refresh();
    }

    void remove(Claim claim) {
        claims.remove(claim);
        refresh();
    }

    void hold(String pluginId) {
        holders.add(pluginId);
    }

    void release(String pluginId) {
        holders.remove(pluginId);
    }

    /** Whether nobody takes connections here any more, and nobody is about to. */
    boolean abandoned() {
        return claims.isEmpty() && holders.isEmpty();
    }

    void sweep() {
        undecided.sweep();
        current.forEach(claim -> claim.firstFrames().sweep());
    }

    void close() {
        for (Channel server : servers) {
            server.close().awaitUninterruptibly();
        }
    }

    private void refresh() {
        Map<String, Claim> newest = new LinkedHashMap<>();
        for (Claim claim : claims) {
            newest.put(claim.spec().name(), claim);
        }
        current = List.copyOf(newest.values());
        boolean accept = !current.isEmpty();
        servers.forEach(server -> server.config().setAutoRead(accept));
    }

    /** Hands out what a server socket accepts. */
    private final class Accepting extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            Channel child = (Channel) message;
            child.config().setOption(ChannelOption.TCP_NODELAY, true);
            child.config().setOption(ChannelOption.SO_KEEPALIVE, true);
            List<Claim> takers = current;
            switch (takers.size()) {
                case 0 -> child.unsafe().closeForcibly();
                case 1 -> takers.getFirst().take(child, tls);
                default -> look(child, takers);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // Out of descriptors, most likely: give others a second to close some.
            ctx.channel().config().setAutoRead(false);
            ctx.executor()
                    .schedule(
                            () -> ctx.channel().config().setAutoRead(!current.isEmpty()),
                            1,
                            TimeUnit.SECONDS);
        }

        private void look(Channel child, List<Claim> takers) {
            var buffers = new ReadBuffers();
            child.config().setRecvByteBufAllocator(buffers);
            child.pipeline().addLast(new Looking(takers, buffers));
            accepting
                    .register(child)
                    .addListener(
                            registered -> {
                                if (!registered.isSuccess()) {
                                    child.unsafe().closeForcibly();
                                }
                            });
        }
    }

    /** Puts the detectors before an accepted channel. */
    private final class Looking extends ChannelInitializer<Channel> {
        private final List<Claim> takers;
        private final ReadBuffers buffers;

        Looking(List<Claim> takers, ReadBuffers buffers) {
            this.takers = takers;
            this.buffers = buffers;
        }

        @Override
        protected void initChannel(Channel channel) {
            if (tls != null) {
                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
            channel.pipeline()
                    .addLast(
                            new ProtocolChoice(
                                    takers, buffers, tls != null, undecided.add(channel)));
        }
    }
}
