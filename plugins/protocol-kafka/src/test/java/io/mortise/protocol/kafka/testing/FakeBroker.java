// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.testing;

import io.mortise.protocol.kafka.KafkaProtocol;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.broker.Sessions;
import io.mortise.spi.plugin.PluginConfig;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.protocol.ConnectionAcceptor;
import io.mortise.spi.protocol.ListenerSpec;
import io.mortise.spi.protocol.Protocol;
import io.mortise.spi.protocol.ProtocolContext;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;
import io.mortise.spi.testing.TestMetrics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** The plugin on a real socket, over topics in memory. */
public final class FakeBroker implements Broker, ProtocolContext, AutoCloseable {
    private final FakeTopics topics = new FakeTopics();
    private final FakeSecurity security = new FakeSecurity();
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
    private final AtomicLong producerIds = new AtomicLong(1000);
    private final Map<String, String> settings = new HashMap<>();
    private final AtomicLong established = new AtomicLong();
    private final AtomicLong skippedNanos = new AtomicLong();
    private final TestMetrics metrics = new TestMetrics();
    private final Protocol protocol;
    private int port;

    /** Starts the plugin; settings are names and values. */
    public FakeBroker(String... overrides) throws Exception {
        settings.putAll(Descriptor.defaults());
        settings.put("groups.partitions", "2");
        for (int i = 0; i < overrides.length; i += 2) {
            settings.put(overrides[i], overrides[i + 1]);
        }
        protocol = new KafkaProtocol().start(this);
    }

    /** What clients connect to. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /** What clients connect to. */
    public int port() {
        return port;
    }

    /** The plugin. */
    public Protocol protocol() {
        return protocol;
    }

    /** Lets time go by at once, for whoever asks {@link #clock}. */
    public void skip(long duration, TimeUnit unit) {
        skippedNanos.addAndGet(unit.toNanos(duration));
    }

    /** How many connections said that they are good. */
    public long established() {
        return established.get();
    }

    @Override
    public FakeTopics topics() {
        return topics;
    }

    @Override
    public FakeSecurity security() {
        return security;
    }

    @Override
    public Sessions sessions() {
        throw new UnsupportedOperationException("Kafka has no sessions");
    }

    @Override
    public String clusterId() {
        return "AAAAAAAAAAAAAAAAAAAAAA";
    }

    @Override
    public Node self() {
        return new Node(7, List.of(new Endpoint("kafka", "127.0.0.1", port)));
    }

    @Override
    public List<Node> nodes() {
        return List.of(self());
    }

    @Override
    public CompletionStage<ProducerIdBlock> allocateProducerIds() {
        return CompletableFuture.completedFuture(new ProducerIdBlock(producerIds.getAndAdd(2), 2));
    }

    @Override
    public Broker broker() {
        return this;
    }

    @Override
    public Registration listen(ListenerSpec spec, ConnectionAcceptor acceptor) {
        Channel server =
                new ServerBootstrap()
                        .group(loops)
                        .channel(NioServerSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        acceptor.accept(new Accepted(channel));
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .syncUninterruptibly()
                        .channel();
        port = ((InetSocketAddress) server.localAddress()).getPort();
        return () -> server.close().syncUninterruptibly();
    }

    private final class Accepted implements Connection {
        private final Channel channel;

        Accepted(Channel channel) {
            this.channel = channel;
        }

        @Override
        public Channel channel() {
            return channel;
        }

        @Override
        public InetSocketAddress remote() {
            return (InetSocketAddress) channel.remoteAddress();
        }

        @Override
        public String listener() {
            return "kafka";
        }

        @Override
        public boolean encrypted() {
            return false;
        }

        @Override
        public void established() {
            established.incrementAndGet();
        }
    }

    @Override
    public String pluginId() {
        return "protocol-kafka";
    }

    @Override
    public PluginConfig config() {
        return new PluginConfig(settings);
    }

    @Override
    public Clock clock() {
        return new Clock() {
            @Override
            public long wallMillis() {
                return System.currentTimeMillis();
            }

            @Override
            public long nanoTime() {
                return System.nanoTime() + skippedNanos.get();
            }
        };
    }

    @Override
    public Scheduler scheduler() {
        return new Scheduler() {
            @Override
            public void execute(Runnable task) {
                Thread.ofVirtual().start(task);
            }

            @Override
            public Registration schedule(Runnable task, long delayNanos) {
                var scheduled =
                        timer.schedule(() -> execute(task), delayNanos, TimeUnit.NANOSECONDS);
                return () -> scheduled.cancel(false);
            }

            @Override
            public Registration repeat(Runnable task, long delayNanos) {
                var repeated =
                        timer.scheduleWithFixedDelay(
                                task, delayNanos, delayNanos, TimeUnit.NANOSECONDS);
                return () -> repeated.cancel(false);
            }
        };
    }

    @Override
    public RandomGenerator random() {
        return RandomGenerator.getDefault();
    }

    @Override
    public TestMetrics metrics() {
        return metrics;
    }

    @Override
    public void close() throws Exception {
        protocol.drain(TimeUnit.SECONDS.toNanos(2));
        protocol.close();
        timer.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
