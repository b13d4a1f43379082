// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.Registration;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.protocol.Detector;
import io.mortise.spi.protocol.Detector.Detection;
import io.mortise.spi.protocol.ListenerSpec;
import io.mortise.spi.testing.FakeClock;
import io.mortise.spi.testing.FakeScheduler;
import io.mortise.spi.testing.TestMetrics;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

class ListenersTest {
    private static final ListenerSettings FREE_PORT =
            new ListenerSettings(List.of("127.0.0.1"), 0, null, 10, null, 0);

    private final FakeClock clock = new FakeClock();
    private final FakeScheduler scheduler = new FakeScheduler(clock);
    private final TestMetrics metrics = new TestMetrics();
    private final Map<String, ListenerSettings> settings = new HashMap<>();
    private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
    private BindRule rule = (listener, address) -> null;
    private Listeners listeners;

    @BeforeEach
    void open() {
        listeners =
                new Listeners(
                        name -> settings.getOrDefault(name, FREE_PORT),
                        (name, address) -> rule.check(name, address),
                        clock,
                        scheduler,
                        metrics);
    }

    @AfterEach
    void close() {
        listeners.close();
    }

    @Test
    void closesWhoSaysNothingInTimeAndKeepsWhoDid() throws Exception {
        try (var plugin = plugin("echo");
                Registration listening = echo(plugin, "echo", Detector.ANY)) {
            assertThat(listening).isNotNull();
            try (Socket silent = connect("echo");
                    Socket speaking = connect("echo")) {
                assertThat(answer(speaking, "a")).isEqualTo("echo:a");
                scheduler.advanceNanos(TimeUnit.SECONDS.toNanos(4));
                assertThat(answer(speaking, "b")).isEqualTo("echo:b");
                scheduler.advanceNanos(TimeUnit.SECONDS.toNanos(3));
                assertThat(silent.getInputStream().read()).isEqualTo(-1);
                assertThat(answer(speaking, "c")).isEqualTo("echo:c");
                assertThat(metrics.count("mortise_listener_overdue_total")).isEqualTo(1);
            }
        }
    }

    @Test
    void closesOneConnectionTooMany() throws Exception {
        settings.put("echo", new ListenerSettings(List.of("127.0.0.1"), 0, null, 2, null, 0));
        try (var plugin = plugin("echo")) {
            echo(plugin, "echo", Detector.ANY);
            try (Socket one = connect("echo");
                    Socket two = connect("echo")) {
                assertThat(answer(one, "a")).isEqualTo("echo:a");
                assertThat(answer(two, "b")).isEqualTo("echo:b");
                try (Socket three = connect("echo")) {
                    assertThat(readsEnd(three)).isTrue();
                    assertThat(metrics.gauge("mortise_listener_connections")).isEqualTo(2);
                }
                assertThat(answer(one, "c")).isEqualTo("echo:c");
            }
        }
    }

    @Test
    void firstBytesChooseBetweenPluginsOnOnePort() throws Exception {
        try (var upper = plugin("upper");
                var lower = plugin("lower")) {
            echo(upper, "upper", firstByte('A', 'Z'));
            int port = port("upper");
            settings.put(
                    "lower", new ListenerSettings(List.of("127.0.0.1"), port, null, 10, null, 0));
            echo(lower, "lower", firstByte('a', 'z'));
            assertThat(port("lower")).isEqualTo(port);
            try (Socket big = connect("upper");
                    Socket small = connect("upper");
                    Socket neither = connect("upper")) {
                assertThat(answer(big, "Q")).isEqualTo("upper:Q");
                assertThat(answer(small, "q")).isEqualTo("lower:q");
                neither.getOutputStream().write('7');
                assertThat(readsEnd(neither)).isTrue();
                assertThat(answer(small, "Z")).isEqualTo("lower:Z");
            }
            assertThat(threadOf("lower")).startsWith("mortise-lower-");
        }
    }

    @Test
    void speaksTls() throws Exception {
        settings.put("echo", new ListenerSettings(List.of("127.0.0.1"), 0, tls(), 10, null, 0));
        try (var plugin = plugin("echo")) {
            echo(plugin, "echo", Detector.ANY);
            try (Socket socket =
                    trusting().getSocketFactory().createSocket("127.0.0.1", port("echo"))) {
                assertThat(answer(socket, "s")).isEqualTo("echo:s");
            }
            Connection connection = accepted.poll(5, TimeUnit.SECONDS);
            assertThat(connection).isNotNull();
            assertThat(connection.encrypted()).isTrue();
        }
    }

    @Test
    void readsLittleFromStrangers() throws Exception {
        try (var plugin = plugin("echo")) {
            var sizes = new LinkedBlockingQueue<Integer>();
            plugin.listen(
                    new ListenerSpec("echo", 0, Detector.ANY, 5),
                    connection -> connection.channel().pipeline().addLast(measuring(sizes)));
            try (Socket socket = connect("echo")) {
                socket.getOutputStream().write(new byte[4_000]);
                int seen = 0;
                while (seen < 4_000) {
                    Integer size = sizes.poll(5, TimeUnit.SECONDS);
                    assertThat(size).isNotNull().isLessThanOrEqualTo(1_024);
                    seen += size;
                }
            }
        }
    }

    @Test
    void namesALoopThatIsStuck() throws Exception {
        try (var plugin = plugin("echo")) {
            var stuck = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            echo(plugin, "echo", Detector.ANY);
            try (Socket socket = connect("echo")) {
                assertThat(answer(socket, "a")).isEqualTo("echo:a");
                Connection connection = accepted.poll(5, TimeUnit.SECONDS);
                assertThat(connection).isNotNull();
                connection
                        .channel()
                        .eventLoop()
                        .execute(
                                () -> {
                                    stuck.countDown();
                                    awaitQuietly(release);
                                });
                assertThat(stuck.await(5, TimeUnit.SECONDS)).isTrue();
                scheduler.advanceNanos(TimeUnit.MILLISECONDS.toNanos(100));
                assertThat(listeners.stalls()).isZero();
                scheduler.advanceNanos(TimeUnit.MILLISECONDS.toNanos(200));
                assertThat(listeners.stalls()).isEqualTo(1);
                release.countDown();
                assertThat(answer(socket, "b")).isEqualTo("echo:b");
            }
        }
    }

    @Test
    void aRuleMayForbidAnAddress() {
        rule =
                (listener, address) ->
                        new Refusal(Reason.INVALID_CONFIG, "not " + address.getHostAddress());
        try (var plugin = plugin("echo")) {
            assertThatThrownBy(() -> echo(plugin, "echo", Detector.ANY))
                    .hasMessageContaining("not 127.0.0.1");
            assertThat(listeners.endpoints()).isEmpty();
        }
    }

    @Test
    void aListenerBelongsToOnePlugin() {
        try (var one = plugin("one");
                var two = plugin("two")) {
            echo(one, "echo", Detector.ANY);
            assertThatThrownBy(() -> echo(two, "echo", Detector.ANY))
                    .hasMessageContaining("belongs to plugin 'one'");
        }
    }

    private PluginListeners plugin(String id) {
        return listeners.open(id, 1, ListenersTest.class.getClassLoader());
    }

    private Registration echo(PluginListeners plugin, String listener, Detector detector) {
        return plugin.listen(
                new ListenerSpec(listener, 0, detector, 5),
                connection -> {
                    accepted.add(connection);
                    connection.channel().pipeline().addLast(new Echo(connection, listener));
                });
    }

    private int port(String listener) {
        return listeners.endpoints().stream()
                .filter(endpoint -> endpoint.listener().equals(listener))
                .findFirst()
                .orElseThrow()
                .port();
    }

    private Socket connect(String listener) throws IOException {
        var socket = new Socket("127.0.0.1", port(listener));
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static String answer(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
        var answer = new StringBuilder();
        while (!answer.toString().endsWith(":" + text)) {
            int next = socket.getInputStream().read();
            assertThat(next).as("after '%s'", answer).isNotNegative();
            answer.append((char) next);
        }
        return answer.toString();
    }

    /** A reset ends it as well as a goodbye. */
    private static boolean readsEnd(Socket socket) {
        try {
            return socket.getInputStream().read() == -1;
        } catch (java.net.SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static String threadOf(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(thread -> thread.startsWith("mortise-" + name))
                .findFirst()
                .orElse("none");
    }

    private static Detector firstByte(char from, char to) {
        return bytes ->
                bytes.getByte(bytes.readerIndex()) >= from
                                && bytes.getByte(bytes.readerIndex()) <= to
                        ? Detection.MATCH
                        : Detection.NO_MATCH;
    }

    private static ChannelInboundHandlerAdapter measuring(BlockingQueue<Integer> sizes) {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf bytes = (ByteBuf) message;
                sizes.add(bytes.capacity());
                bytes.release();
            }
        };
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static ListenerSettings.Tls tls() throws IOException {
        return new ListenerSettings.Tls(resource("certificate.pem"), resource("key.pem"));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = ListenersTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return in.readAllBytes();
        }
    }

    private static SSLContext trusting() throws Exception {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = ListenersTest.class.getResourceAsStream("certificate.pem")) {
            store.setCertificateEntry(
                    "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** Answers with the listener's name, a colon and what it read. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        private final Connection connection;
        private final String name;

        Echo(Connection connection, String name) {
            this.connection = connection;
            this.name = name;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            connection.established();
            ByteBuf prefix = Unpooled.copiedBuffer(name + ":", US_ASCII);
            ctx.write(prefix);
            ctx.writeAndFlush(message);
        }
    }
}
