package ${package};

import io.mortise.spi.protocol.Detector;
import io.mortise.spi.protocol.ListenerSpec;
import io.mortise.spi.protocol.Protocol;
import io.mortise.spi.protocol.ProtocolContext;
import io.mortise.spi.protocol.ProtocolProvider;
import io.netty.handler.codec.LineBasedFrameDecoder;

/**
 * Entry of the plugin. A line is an address, a blank and a text, which is published; the answer is
 * {@code OK}, once the message is as durable as its topic asks, or {@code ERROR} with the reason.
 */
public final class LineProtocol implements ProtocolProvider {
    private static final int DEFAULT_PORT = 7000;
    private static final int FIRST_LINE_TIMEOUT_SECONDS = 10;

    @Override
    public Protocol start(ProtocolContext context) {
        int maxLineBytes = Math.toIntExact(context.config().integer("maxLineBytes"));
        var connections = new Connections();
        // The name is the key below listeners: in mortise.yaml. The kernel closes the listener.
        context.listen(
                new ListenerSpec(
                        context.pluginId(), DEFAULT_PORT, Detector.ANY, FIRST_LINE_TIMEOUT_SECONDS),
                connection -> {
                    connections.add(connection.channel());
                    connection
                            .channel()
                            .pipeline()
                            .addLast(new LineBasedFrameDecoder(maxLineBytes))
                            .addLast(new LineHandler(connection, context.broker()));
                });
        return connections;
    }
}
