// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.admin.http;

import io.mortise.spi.admin.AdminContext;
import io.mortise.spi.admin.AdminProvider;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.protocol.Detector;
import io.mortise.spi.protocol.ListenerSpec;
import io.mortise.spi.protocol.Protocol;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.ImmediateEventExecutor;

/** Entry of the plugin: opens the listener {@code admin}. */
public final class AdminHttp implements AdminProvider {
    private static final int DEFAULT_PORT = 8080;
    private static final int FIRST_FRAME_TIMEOUT_SECONDS = 10;

    @Override
    public Protocol start(AdminContext context) {
        int maxBodyBytes =
                Math.toIntExact(
                        Math.min(Integer.MAX_VALUE, context.config().integer("maxBodyBytes")));
        ChannelGroup connections = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE);
        context.listen(
                new ListenerSpec("admin", DEFAULT_PORT, Detector.ANY, FIRST_FRAME_TIMEOUT_SECONDS),
                connection -> accept(context, connections, maxBodyBytes, connection));
        return new Running(connections);
    }

    private static void accept(
            AdminContext context,
            ChannelGroup connections,
            int maxBodyBytes,
            Connection connection) {
        connections.add(connection.channel());
        ChannelPipeline pipeline = connection.channel().pipeline();
        pipeline.addLast(new HttpServerCodec());
        pipeline.addLast(new TokenGate(context.administration(), connection));
        pipeline.addLast(new WholeRequests(maxBodyBytes));
        pipeline.addLast(new ResourceHandler(context.administration()));
    }

    /** What runs between start and stop. */
    private record Running(ChannelGroup connections) implements Protocol {
        @Override
        public boolean ready() {
            return true;
        }

        @Override
        public void drain(long timeoutNanos) {
            connections.close();
        }

        @Override
        public void close() {
            connections.close();
        }
    }
}
