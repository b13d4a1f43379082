// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import io.mortise.protocol.kafka.codec.FrameDecoder;
import io.mortise.protocol.kafka.handler.Handlers;
import io.mortise.protocol.kafka.handler.Services;
import io.mortise.protocol.kafka.session.ApiTable;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.spi.Registration;
import io.mortise.spi.plugin.PluginConfig;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.protocol.ListenerSpec;
import io.mortise.spi.protocol.Protocol;
import io.mortise.spi.protocol.ProtocolContext;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A started plugin: its listener and its connections. */
final class KafkaServer implements Protocol {
    private static final int DEFAULT_PORT = 9092;
    private static final int FIRST_FRAME_TIMEOUT_SECONDS = 10;

    private final ProtocolContext context;
    private final int maxRequestBytes;
    private final ApiTable apis;
    private final Set<KafkaConnection> connections = ConcurrentHashMap.newKeySet();
    private final Registration listener;

    KafkaServer(ProtocolContext context) {
        this.context = context;
        PluginConfig config = context.config();
        this.maxRequestBytes = Math.toIntExact(config.integer("request.max.bytes"));
        Services services =
                new Services(
                        context.broker(), new Services.Settings(config.flag("auto.create.topics")));
        this.apis = Handlers.table(services);
        this.listener =
                context.listen(
                        new ListenerSpec(
                                "kafka",
                                DEFAULT_PORT,
                                new KafkaDetector(),
                                FIRST_FRAME_TIMEOUT_SECONDS),
                        this::accept);
    }

    private void accept(Connection accepted) {
        KafkaConnection connection =
                new KafkaConnection(
                        accepted,
                        apis,
                        new Identity(context.broker().security(), accepted.remote()));
        connections.add(connection);
        accepted.channel().closeFuture().addListener(closed -> connections.remove(connection));
        accepted.channel().pipeline().addLast(new FrameDecoder(maxRequestBytes), connection);
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public void drain(long timeoutNanos) {
        listener.close();
        connections.forEach(connection -> connection.loop().execute(connection::drain));
        long deadline = context.clock().nanoTime() + timeoutNanos;
        for (KafkaConnection connection : connections) {
            long left = deadline - context.clock().nanoTime();
            if (left > 0) {
                connection
                        .connection()
                        .channel()
                        .closeFuture()
                        .awaitUninterruptibly(left, TimeUnit.NANOSECONDS);
            }
        }
    }

    @Override
    public void close() {
        listener.close();
    }
}
