// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.plugin;

/** Bundles of a toy protocol that answers each byte with a prefix, a colon and that byte. */
public final class EchoBundles {
    private EchoBundles() {}

    /** A good one; {@code version} is its prefix too, so that an answer tells who gave it. */
    public static TestBundle echo(String id, String version) {
        return TestBundle.of(id)
                .version(version)
                .provider("toy.EchoProvider")
                .source("toy.EchoProvider", provider(id, version, ""));
    }

    /** One whose start throws after its listener is open. */
    public static TestBundle throwing(String id, String version) {
        return TestBundle.of(id)
                .version(version)
                .provider("toy.EchoProvider")
                .source(
                        "toy.EchoProvider",
                        provider(
                                id,
                                version,
                                "if (true) throw new IllegalStateException(\"no flux\");"));
    }

    /** One that leaves a thread behind. */
    public static TestBundle leaking(String id, String version) {
        return TestBundle.of(id)
                .version(version)
                .provider("toy.EchoProvider")
                .source(
                        "toy.EchoProvider",
                        provider(
                                id,
                                version,
                                """
                                Thread thread = new Thread(() -> {
                                    try { Thread.sleep(600_000); } catch (InterruptedException e) { }
                                }, "left-behind");
                                thread.setDaemon(true);
                                thread.start();
                                """));
    }

    private static String provider(String id, String version, String afterListen) {
        return """
        package toy;

        import io.mortise.spi.protocol.*;
        import io.netty.buffer.*;
        import io.netty.channel.*;

        public final class EchoProvider implements ProtocolProvider {
            @Override
            public Protocol start(ProtocolContext context) throws Exception {
                context.listen(
                        new ListenerSpec("%s", 0, Detector.ANY, 5),
                        connection -> connection.channel().pipeline().addLast(new Echo(connection)));
                %s
                return new Protocol() {
                    @Override
                    public boolean ready() { return true; }
                    @Override
                    public void drain(long timeoutNanos) { }
                    @Override
                    public void close() { }
                };
            }

            private static final class Echo extends ChannelInboundHandlerAdapter {
                private static final ThreadLocal<Object> CLUTTER = ThreadLocal.withInitial(Echo::object);
                private final Connection connection;

                Echo(Connection connection) { this.connection = connection; }

                static Object object() { return new Object() { }; }

                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    CLUTTER.get();
                    connection.established();
                    ByteBuf in = (ByteBuf) message;
                    while (in.isReadable()) {
                        ByteBuf out = ctx.alloc().buffer();
                        out.writeBytes("%s:".getBytes());
                        out.writeByte(in.readByte());
                        ctx.write(out);
                    }
                    in.release();
                    ctx.flush();
                }
            }
        }
        """
                .formatted(id, afterListen, version);
    }
}
