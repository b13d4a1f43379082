package ${package};

import io.mortise.spi.Reason;
import io.mortise.spi.Refusal;
import io.mortise.spi.broker.Address;
import io.mortise.spi.broker.Broker;
import io.mortise.spi.broker.Delivery;
import io.mortise.spi.broker.Message;
import io.mortise.spi.broker.Receiver;
import io.mortise.spi.broker.Session;
import io.mortise.spi.broker.Sessions.SessionRequest;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.security.Credentials;
import io.mortise.spi.security.Principal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.CharsetUtil;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** One connection, on its event loop from the first line to the last. */
final class LineHandler extends SimpleChannelInboundHandler<ByteBuf> implements Receiver {
    private final Connection connection;
    private final Broker broker;
    private @Nullable Session session;

    LineHandler(Connection connection, Broker broker) {
        this.connection = connection;
        this.broker = broker;
    }

    /** Nothing is read before the broker knows who it is. */
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        connection.channel().config().setAutoRead(false);
        String client = context.channel().id().asShortText();
        var nobody = new Credentials(null, null, client, "line", connection.remote());
        broker.security()
                .authenticate(
                        nobody,
                        context.executor(),
                        (principal, refusal) -> open(principal, refusal, client));
    }

    private void open(@Nullable Principal principal, @Nullable Refusal refusal, String client) {
        if (principal == null) {
            refuse(refusal);
            return;
        }
        var request =
                new SessionRequest(
                        principal,
                        connection.remote().getAddress().getHostAddress(),
                        "line-" + client,
                        connection.channel().eventLoop(),
                        true,
                        0,
                        1,
                        null);
        broker.sessions().open(request, this, this::opened);
    }

    private void opened(@Nullable Session opened, @Nullable Refusal refusal) {
        if (opened == null) {
            refuse(refusal);
            return;
        }
        session = opened;
        opened.start();
        connection.established();
        connection.channel().config().setAutoRead(true);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf line) {
        int blank = line.indexOf(line.readerIndex(), line.writerIndex(), (byte) ' ');
        byte[] address = ByteBufUtil.getBytes(line, line.readerIndex(), Math.max(blank, 0));
        String fault = blank < 0 ? "a line is an address, a blank and a text" : Address.fault(address);
        if (fault == null && !ByteBufUtil.isText(line, CharsetUtil.UTF_8)) {
            fault = "a line is UTF-8 text";
        }
        if (fault != null || session == null) {
            answer(new Refusal(Reason.INVALID_REQUEST, String.valueOf(fault)));
            return;
        }
        ByteBuf text = line.retainedSlice(blank + 1, line.writerIndex() - blank - 1);
        session.publish(new Message(Address.of(address), text, List.of(), (byte) 1, false, -1), this::answer);
        connection.channel().config().setAutoRead(session.publishable());
    }

    private void answer(@Nullable Refusal refusal) {
        String line = refusal == null ? "OK" : "ERROR " + refusal;
        connection
                .channel()
                .writeAndFlush(
                        ByteBufUtil.writeUtf8(connection.channel().alloc(), line + "\n"));
    }

    private void refuse(@Nullable Refusal refusal) {
        answer(refusal);
        connection.channel().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (session != null) {
            session.close(Session.End.NORMAL);
        }
    }

    /** An overlong line, for one; the connection ends, others do not notice. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        answer(new Refusal(Reason.INVALID_REQUEST, String.valueOf(cause.getMessage())));
        context.close();
    }

    @Override
    public void publishable() {
        connection.channel().config().setAutoRead(true);
    }

    @Override
    public void closed(Refusal reason) {
        session = null;
        refuse(reason);
    }

    /** It subscribes to nothing, so nothing is delivered. */
    @Override
    public boolean deliver(Delivery delivery) {
        return true;
    }

    @Override
    public void flush() {}

    @Override
    public void release(int deliveryId) {}
}
