// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.kernel.listener.Transport.LoopThreads;
import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;
import io.mortise.spi.Registration;
import io.mortise.spi.broker.Broker.Endpoint;
import io.mortise.spi.plugin.Metrics;
import io.mortise.spi.protocol.ConnectionAcceptor;
import io.mortise.spi.protocol.ListenerSpec;
import io.mortise.spi.runtime.Clock;
import io.mortise.spi.runtime.Scheduler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.NetUtil;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.ByteArrayInputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

import javax.net.ssl.SSLException;

/**
 * All sockets of the broker. They belong to the kernel, not to plugins: a new version of a plugin
 * takes over a port without closing it. Any thread.
 */
public final class Listeners implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long UNDECIDED_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Function<String, ListenerSettings> settings;
    private final BindRule rule;
    private final Clock clock;
    private final ListenerMetrics metrics;
    private final Transport transport = Transport.best();
    private final LoopThreads acceptThreads =
            new LoopThreads("accept", Listeners.class.getClassLoader());
    private final EventLoopGroup accepting = transport.group(1, acceptThreads);
    private final LoopWatchdog watchdog;
    private final Registration sweeping;
    private final Registration ticking;
    private final Map<String, Port> byListener = new TreeMap<>();

    /** Read for every metadata request of a client; replaced when a listener comes or goes. */
    private volatile List<Endpoint> endpoints = List.of();

    /**
     * @param settings by listener name; {@link ListenerSettings#DEFAULT} where nothing is set
     * @param rule asked before each bind
     */
    public Listeners(
            Function<String, ListenerSettings> settings,
            BindRule rule,
            Clock clock,
            Scheduler scheduler,
            Metrics metrics) {
        this.settings = settings;
        this.rule = rule;
        this.clock = clock;
        this.metrics = new ListenerMetrics(metrics);
        this.watchdog = new LoopWatchdog(clock, this.metrics.stalls());
        this.sweeping = scheduler.repeat(this::sweep, SWEEP_NANOS);
        this.ticking = scheduler.repeat(watchdog::tick, TICK_NANOS);
    }

    /**
     * Room for one run of a plugin.
     *
     * @param loops event loops it gets
     * @param loader context loader of their threads
     */
    public PluginListeners open(String pluginId, int loops, ClassLoader loader) {
        return new PluginListeners(this, pluginId, loops, loader);
    }

    /** Keeps a plugin's sockets open, and connections waiting in them, while none of it runs. */
    public synchronized Registration hold(String pluginId) {
        List<Port> held = new ArrayList<>();
        for (Port port : List.copyOf(byListener.values())) {
            if (port.current().stream().anyMatch(claim -> claim.pluginId().equals(pluginId))) {
                port.hold(pluginId);
                held.add(port);
            }
        }
        return () -> release(pluginId, held);
    }

    /** Where clients reach each open listener. */
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    /** Names of the open listeners that other machines can reach. */
    public synchronized List<String> beyondLoopback() {
        var names = new ArrayList<String>();
        byListener.forEach(
                (name, port) -> {
                    boolean wide =
                            port.addresses().stream()
                                    .anyMatch(bound -> !bound.getAddress().isLoopbackAddress());
                    if (wide) {
                        names.add(name);
                    }
                });
        return names;
    }

    /** Loops seen stuck since start. */
    public long stalls() {
        return watchdog.stalls();
    }

    /** Closes every socket; connections stay until their plugins end. */
    @Override
    public void close() {
        sweeping.close();
        ticking.close();
        synchronized (this) {
            byListener.values().forEach(Port::close);
            byListener.clear();
        }
        accepting
                .shutdownGracefully(0, 2, TimeUnit.SECONDS)
                .awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    EventLoopGroup group(int loops, LoopThreads threads) {
        return transport.group(loops, threads);
    }

    Registration watch(String pluginId, EventLoopGroup group, ChannelGroup channels) {
        return watchdog.watch(pluginId, group, channels);
    }

    /** Gives a listener to one run of a plugin, opening its port if need be. */
    synchronized Registration claim(
            PluginListeners plugin, ListenerSpec spec, ConnectionAcceptor acceptor) {
        ListenerSettings wanted = settings.apply(spec.name());
        Port port = byListener.get(spec.name());
        if (port == null) {
            port = openPort(spec, wanted);
        } else {
            refuseForeign(plugin, spec, port);
        }
        long timeoutNanos = TimeUnit.SECONDS.toNanos(spec.firstFrameTimeoutSeconds());
        var claim =
                new Claim(
                        spec,
                        wanted,
                        acceptor,
                        plugin,
                        new FirstFrames(clock, timeoutNanos, metrics.overdue()),
                        metrics);
        port.add(claim);
        byListener.put(spec.name(), port);
        refreshEndpoints();
        LOG.info(
                "Listener '{}' of plugin '{}' is ready on {}{}",
                spec.name(),
                plugin.id(),
                text(port.addresses()),
                port.encrypted() ? " (TLS)" : "");
        Port claimed = port;
        return () -> unclaim(claimed, claim);
    }

    private static void refuseForeign(PluginListeners plugin, ListenerSpec spec, Port port) {
        for (Claim claim : port.current()) {
            if (claim.spec().name().equals(spec.name()) && !claim.pluginId().equals(plugin.id())) {
                throw new RefusedException(
                        Reason.RESOURCE_EXISTS,
                        "listener '"
                                + spec.name()
                                + "' belongs to plugin '"
                                + claim.pluginId()
                                + "': stop that plugin first");
            }
        }
    }

    private Port openPort(ListenerSpec spec, ListenerSettings wanted) {
        int number = wanted.port() == -1 ? spec.defaultPort() : wanted.port();
        for (Port port : byListener.values()) {
            if (number != 0 && port.number() == number) {
                return shared(spec, wanted, port);
            }
        }
        var port =
                new Port(
                        transport,
                        accepting,
                        tls(spec.name(), wanted),
                        wanted,
                        new FirstFrames(clock, UNDECIDED_NANOS, metrics.overdue()));
        try {
            bindAll(spec.name(), wanted, number, port);
            return port;
        } catch (RefusedException refused) {
            port.close();
            throw refused;
        }
    }

    private static Port shared(ListenerSpec spec, ListenerSettings wanted, Port port) {
        if (!port.settings().addresses().equals(wanted.addresses())
                || (wanted.tls() != null) != port.encrypted()) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "listener '%s' shares port %d, so listeners.%s.bind and .tls must be those of the listener that has the port"
                            .formatted(spec.name(), port.number(), spec.name()));
        }
        return port;
    }

    private void bindAll(String name, ListenerSettings wanted, int number, Port port) {
        int next = number;
        for (String host : wanted.addresses()) {
            InetAddress address = address(name, host);
            Refusal refusal = rule.check(name, address);
            if (refusal != null) {
                throw new RefusedException(refusal);
            }
            if (bind(name, address, next, port)) {
                next = port.number();
            }
        }
        if (port.addresses().isEmpty()) {
            throw BindFailure.noAddress(name, wanted.addresses());
        }
    }

    private static boolean bind(String name, InetAddress address, int number, Port port) {
        try {
            port.bind(address, number);
            return true;
        } catch (Exception failed) {
            if (address instanceof Inet6Address
                    && address.isLoopbackAddress()
                    && !BindFailure.inUse(failed)) {
                LOG.info("This machine has no {}: listener '{}' is not on it", address, name);
                return false;
            }
            throw BindFailure.refusal(name, address, number, failed);
        }
    }

    private static InetAddress address(String name, String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException unknown) {
            throw BindFailure.unknownHost(name, host);
        }
    }

    private static @Nullable SslContext tls(String name, ListenerSettings wanted) {
        ListenerSettings.Tls tls = wanted.tls();
        if (tls == null) {
            return null;
        }
        try {
            return SslContextBuilder.forServer(
                            new ByteArrayInputStream(tls.certificate()),
                            new ByteArrayInputStream(tls.key()))
                    .build();
        } catch (SSLException | IllegalArgumentException broken) {
            throw new RefusedException(
                    Reason.INVALID_CONFIG,
                    "listener '%s': certificate and key do not make a TLS context (%s): correct listeners.%s.tls in mortise.yaml"
                            .formatted(name, broken.getMessage(), name));
        }
    }

    private synchronized void unclaim(Port port, Claim claim) {
        port.remove(claim);
        claim.release();
        closeIfAbandoned(port);
    }

    private synchronized void release(String pluginId, List<Port> held) {
        for (Port port : held) {
            port.release(pluginId);
            closeIfAbandoned(port);
        }
    }

    private void closeIfAbandoned(Port port) {
        if (port.abandoned()) {
            byListener.values().removeIf(other -> other == port);
            port.close();
        }
        refreshEndpoints();
    }

    private void refreshEndpoints() {
        var found = new ArrayList<Endpoint>();
        byListener.forEach((name, port) -> addEndpoint(name, port, found));
        endpoints = List.copyOf(found);
    }

    private synchronized List<Port> ports() {
        return List.copyOf(byListener.values());
    }

    private void sweep() {
        ports().forEach(Port::sweep);
    }

    private static void addEndpoint(String name, Port port, List<Endpoint> endpoints) {
        for (Claim claim : port.current()) {
            if (claim.spec().name().equals(name)) {
                ListenerSettings told = claim.settings();
                String host = told.advertisedHost();
                endpoints.add(
                        new Endpoint(
                                name,
                                host == null ? host(port.addresses().getFirst()) : host,
                                told.advertisedPort() == 0
                                        ? port.number()
                                        : told.advertisedPort()));
            }
        }
    }

    /** A wildcard is no address to go to. */
    private static String host(InetSocketAddress bound) {
        if (!bound.getAddress().isAnyLocalAddress()) {
            return bound.getAddress().getHostAddress();
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }

    private static String text(List<InetSocketAddress> addresses) {
        return addresses.stream()
                .map(NetUtil::toSocketAddressString)
                .collect(Collectors.joining(", "));
    }
}
