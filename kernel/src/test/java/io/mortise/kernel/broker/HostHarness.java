// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.broker;

import io.mortise.kernel.listener.ListenerSettings;
import io.mortise.kernel.listener.Listeners;
import io.mortise.kernel.metadata.LocalMetadataLog;
import io.mortise.kernel.metadata.Metadata;
import io.mortise.kernel.metrics.BrokerMetrics;
import io.mortise.kernel.plugin.BundleStore;
import io.mortise.kernel.plugin.BundleTrust;
import io.mortise.kernel.plugin.PluginHost;
import io.mortise.kernel.plugin.PluginKind;
import io.mortise.kernel.plugin.PluginStatus;
import io.mortise.kernel.plugin.SystemExports;
import io.mortise.kernel.plugin.TestBundle;
import io.mortise.kernel.plugin.TrustedKeys;
import io.mortise.kernel.runtime.DiskFileLayer;
import io.mortise.kernel.runtime.SystemClock;
import io.mortise.kernel.runtime.SystemRandom;
import io.mortise.kernel.runtime.VirtualThreadScheduler;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.broker.Broker;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Plugin host and listeners without the rest of a broker. */
final class HostHarness implements AutoCloseable {
    final VirtualThreadScheduler scheduler = new VirtualThreadScheduler("test");
    final Map<String, ListenerSettings> listenerSettings = new HashMap<>();
    final Map<String, Map<String, String>> pluginSettings = new HashMap<>();
    final BrokerMetrics metrics = new BrokerMetrics();
    final Listeners listeners;
    final PluginHost host;
    final StubbornLog log;
    final Metadata metadata;

    HostHarness(Path data) throws IOException {
        this(data, null);
    }

    /**
     * @param shipped directory of bundles that came with the broker, or null
     */
    HostHarness(Path data, @Nullable Path shipped) throws IOException {
        this(data, shipped, false);
    }

    /**
     * @param requireSigned whether plugins that were not shipped must be signed by a key in
     *     data/keys
     */
    HostHarness(Path data, @Nullable Path shipped, boolean requireSigned) throws IOException {
        var clock = new SystemClock();
        listeners =
                new Listeners(
                        name ->
                                listenerSettings.getOrDefault(
                                        name, ListenerSettings.DEFAULT.withPort(0)),
                        (listener, address) -> null,
                        clock,
                        scheduler,
                        metrics.kernel());
        log = new StubbornLog(new LocalMetadataLog(new DiskFileLayer(data), "metadata", 1 << 20));
        metadata = Metadata.open(log, scheduler, SystemRandom.secure());
        var store =
                new BundleStore(
                        new DiskFileLayer(data),
                        shipped == null ? null : new DiskFileLayer(shipped),
                        SystemExports.of(HostHarness.class.getClassLoader()),
                        metadata,
                        new BundleTrust(
                                new TrustedKeys(new DiskFileLayer(data), "keys", "conf/keys"),
                                requireSigned),
                        System.nanoTime());
        host =
                new PluginHost(
                        store,
                        scheduler,
                        id -> pluginSettings.getOrDefault(id, Map.of()),
                        listeners::hold,
                        TimeUnit.SECONDS.toNanos(1));
        var surroundings = new Surroundings(clock, scheduler, SystemRandom.secure(), metrics);
        host.register(
                ProtocolActivator.protocols(
                        surroundings,
                        absent(Broker.class),
                        absent(Administration.class),
                        listeners,
                        2));
        host.addBundles();
        try {
            host.start(Set.of(PluginKind.values()));
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    PluginStatus install(TestBundle bundle) throws IOException {
        return install(bundle.bytes());
    }

    PluginStatus install(byte[] bundle) throws IOException {
        return host.install(host.receive(new ByteArrayInputStream(bundle)));
    }

    PluginStatus install(byte[] bundle, byte @Nullable [] signature) throws IOException {
        return host.install(host.receive(new ByteArrayInputStream(bundle), signature));
    }

    PluginStatus upgrade(TestBundle bundle) throws IOException {
        return upgrade(bundle.bytes());
    }

    PluginStatus upgrade(byte[] bundle) throws IOException {
        return host.upgrade(host.receive(new ByteArrayInputStream(bundle)));
    }

    int port(String listener) {
        return listeners.endpoints().stream()
                .filter(endpoint -> endpoint.listener().equals(listener))
                .findFirst()
                .orElseThrow()
                .port();
    }

    Client connect(String listener) throws IOException {
        return new Client(port(listener));
    }

    static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    @Override
    public void close() {
        host.close();
        listeners.close();
        try {
            metadata.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        scheduler.close();
        metrics.close();
    }

    /** These toys never ask for it. */
    private static <T> T absent(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            throw new AssertionError(method);
                        }));
    }

    /** A client of the toy protocol. */
    static final class Client implements AutoCloseable {
        private final Socket socket = new Socket();

        Client(int port) throws IOException {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
            socket.setSoTimeout(10_000);
            socket.setTcpNoDelay(true);
        }

        /** Sends a byte and reads the answer up to it. */
        String ask(char letter) throws IOException {
            socket.getOutputStream().write(letter);
            var answer = new StringBuilder();
            while (true) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    throw new IOException("closed after '" + answer + "'");
                }
                answer.append((char) next);
                if (next == letter) {
                    return answer.toString();
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
