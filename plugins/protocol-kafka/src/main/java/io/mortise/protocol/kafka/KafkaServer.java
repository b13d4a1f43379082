// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import io.mortise.protocol.kafka.codec.FrameDecoder;
import io.mortise.protocol.kafka.coordinator.GroupCoordinators;
import io.mortise.protocol.kafka.coordinator.GroupSettings;
import io.mortise.protocol.kafka.handler.FetchSessions;
import io.mortise.protocol.kafka.handler.Handlers;
import io.mortise.protocol.kafka.handler.Services;
import io.mortise.protocol.kafka.session.ApiTable;
import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.KafkaConnection;
import io.mortise.protocol.kafka.session.WarmUp;
import io.mortise.spi.Registration;
import io.mortise.spi.plugin.PluginConfig;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.protocol.ListenerSpec;
import io.mortise.spi.protocol.Protocol;
import io.mortise.spi.protocol.ProtocolContext;
import io.mortise.spi.security.Principal;
import io.netty.channel.ChannelOption;
import io.netty.handler.timeout.IdleStateHandler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A started plugin: its listener and its connections. */
final class KafkaServer implements Protocol {
    private static final int DEFAULT_PORT = 9092;
    private static final int FIRST_FRAME_TIMEOUT_SECONDS = 10;

    /** Settings handed to Kafka's coordinator under Kafka's names. */
    private static final List<String> GROUP_CONFIGS =
            List.of(
                    "group.initial.rebalance.delay.ms",
                    "group.min.session.timeout.ms",
                    "group.max.session.timeout.ms",
                    "group.consumer.session.timeout.ms",
                    "group.consumer.min.session.timeout.ms",
                    "group.consumer.heartbeat.interval.ms",
                    "group.consumer.min.heartbeat.interval.ms",
                    "offsets.retention.minutes");

    private final ProtocolContext context;
    private final WarmUp warmUp;
    private final int maxRequestBytes;
    private final long maxIdleMillis;
    private final int sendBufferBytes;
    private final GroupCoordinators groups;
    private final ApiTable apis;
    private final Set<KafkaConnection> connections = ConcurrentHashMap.newKeySet();
    private final Registration listener;
    private final Registration revocations;

    KafkaServer(ProtocolContext context) {
        this.context = context;
        PluginConfig config = context.config();
        this.maxRequestBytes = Math.toIntExact(config.integer("request.max.bytes"));
        this.warmUp = new WarmUp(context.scheduler());
        this.maxIdleMillis = config.integer("connections.max.idle.ms");
        this.sendBufferBytes = Math.toIntExact(config.integer("socket.send.buffer.bytes"));
        Services services =
                new Services(
                        context.broker(),
                        context.scheduler(),
                        new Services.Settings(config.flag("auto.create.topics")));
        this.groups =
                new GroupCoordinators(
                        context,
                        new GroupSettings(
                                context.broker().self().id(),
                                groupConfigs(config),
                                Math.toIntExact(config.integer("groups.partitions"))));
        FetchSessions sessions =
                new FetchSessions(
                        context,
                        Math.toIntExact(
                                config.integer("max.incremental.fetch.session.cache.slots")));
        this.apis = Handlers.table(services, sessions, groups);
        this.listener =
                context.listen(
                        new ListenerSpec(
                                "kafka",
                                DEFAULT_PORT,
                                new KafkaDetector(),
                                FIRST_FRAME_TIMEOUT_SECONDS),
                        this::accept);
        this.revocations = context.broker().security().onRevoked(this::revoke);
    }

    private static Map<String, String> groupConfigs(PluginConfig config) {
        Map<String, String> kafka = new HashMap<>();
        for (String key : GROUP_CONFIGS) {
            kafka.put(key, config.text(key));
        }
        return kafka;
    }

    private void accept(Connection accepted) {
        if (sendBufferBytes > 0) {
            // What the kernel holds for a socket it may pace by timers: more costs more than it
            // brings.
            accepted.channel().config().setOption(ChannelOption.SO_SNDBUF, sendBufferBytes);
        }
        KafkaConnection connection =
                new KafkaConnection(
                        accepted,
                        apis,
                        new Identity(context.broker().security(), accepted.remote()));
        connections.add(connection);
        accepted.channel().closeFuture().addListener(closed -> connections.remove(connection));
        accepted.channel()
                .pipeline()
                .addLast(
                        new IdleStateHandler(0, 0, maxIdleMillis, TimeUnit.MILLISECONDS),
                        new FrameDecoder(maxRequestBytes),
                        connection);
        warmUp.await(connection);
    }

    private void revoke(Set<Principal> principals) {
        for (KafkaConnection connection : connections) {
            connection.loop().execute(() -> connection.revoke(principals));
        }
    }

    @Override
    public boolean ready() {
        return groups.ready();
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
        revocations.close();
        groups.close();
    }
}
