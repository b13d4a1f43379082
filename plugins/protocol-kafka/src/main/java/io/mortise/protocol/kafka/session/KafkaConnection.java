// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.session;

import io.mortise.protocol.kafka.codec.ByteBufReadable;
import io.mortise.protocol.kafka.codec.MalformedRequestException;
import io.mortise.protocol.kafka.codec.RequestHeader;
import io.mortise.protocol.kafka.codec.ResponseFrame;
import io.mortise.spi.protocol.Connection;
import io.mortise.spi.security.Principal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.timeout.IdleStateEvent;

import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * One client's connection, on its event loop. Requests are started as they arrive and answered in
 * their order; while too many of them, or too many of their bytes, wait, or the client does not
 * read its answers, nothing more is read.
 */
public final class KafkaConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaConnection.class);
    private static final int MAX_WAITING_REQUESTS = 128;
    private static final int MAX_WAITING_BYTES = 16 << 20;

    private final Connection connection;
    private final ApiTable apis;
    private final Identity identity;
    private final Deque<ByteBuf> backlog = new ArrayDeque<>();
    private final Deque<Request<?>> waiting = new ArrayDeque<>();
    private final Runnable flush = this::flush;
    private int waitingBytes;
    private int stalls;
    private boolean flushScheduled;
    private boolean closed;
    private boolean draining;
    private @Nullable RequestHeader lastHeader;

    /** Of an accepted connection. */
    public KafkaConnection(Connection connection, ApiTable apis, Identity identity) {
        this.connection = connection;
        this.apis = apis;
        this.identity = identity;
    }

    /** Who the client is. */
    public Identity identity() {
        return identity;
    }

    /** What the kernel knows of it. */
    public Connection connection() {
        return connection;
    }

    /** Its loop. */
    public EventLoop loop() {
        return connection.channel().eventLoop();
    }

    /** Whether files can go to the socket without passing through memory here. */
    public boolean sendFile() {
        return !connection.encrypted();
    }

    /** Its buffers. */
    public ByteBufAllocator allocator() {
        return connection.channel().alloc();
    }

    /** Whether nothing is under way. Event loop. */
    public boolean idle() {
        return waiting.isEmpty() && backlog.isEmpty();
    }

    /** Starts no further request until {@link #resume}; nests. Event loop. */
    public void stall() {
        stalls++;
        connection.channel().config().setAutoRead(false);
    }

    /** Undoes one {@link #stall}. Event loop. */
    public void resume() {
        stalls--;
        startBacklog();
        readOrPause();
    }

    /** Takes no further request and ends when those under way are answered. Event loop. */
    public void drain() {
        draining = true;
        stall();
        endIfDrained();
    }

    private void endIfDrained() {
        if (draining && waiting.isEmpty()) {
            connection
                    .channel()
                    .writeAndFlush(Unpooled.EMPTY_BUFFER)
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Ends the connection with one line in the log. Event loop. */
    public void fail(String why) {
        if (!closed) {
            LOG.info("kafka connection from {} closed: {}", connection.remote(), why);
            connection.channel().close();
        }
    }

    /** Ends the connection if it acts for one of {@code principals}. Event loop. */
    public void revoke(Set<Principal> principals) {
        if (identity.isOneOf(principals)) {
            fail("its user was removed or has another password");
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf frame = (ByteBuf) message;
        if (closed || !ctx.channel().isActive()) {
            frame.release();
        } else if (stalls > 0 || !backlog.isEmpty()) {
            backlog.add(frame);
        } else {
            start(frame);
            readOrPause();
        }
    }

    private void startBacklog() {
        while (stalls == 0 && !closed && !backlog.isEmpty()) {
            start(backlog.remove());
        }
    }

    private void start(ByteBuf frame) {
        Request<ApiMessage> request = null;
        try {
            if (identity.expectsRawToken()) {
                identity.onRawToken(this, frame);
                return;
            }
            ApiTable.Entry entry = entry(frame);
            if (entry == null) {
                return;
            }
            if (!identity.mayCall(entry.api())) {
                backlog.addFirst(frame.retain());
                identity.onFirstCall(this, RequestHeader.peekApiKey(frame));
                return;
            }
            request = read(entry, frame.retain());
            waiting.add(request);
            waitingBytes += request.frameBytes();
            if (entry.api() != Api.PRODUCE) {
                request.releaseFrame(); // only record bytes are views of it
            }
            entry.handler().handle(request);
        } catch (MalformedRequestException e) {
            fail(e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("kafka request failed: {}", request == null ? "?" : request.header(), e);
            fail("internal error");
        } finally {
            frame.release();
        }
    }

    private ApiTable.@Nullable Entry entry(ByteBuf frame) {
        if (!RequestHeader.isReadable(frame)) {
            throw new MalformedRequestException(
                    "request of " + frame.readableBytes() + " bytes has no header");
        }
        short key = RequestHeader.peekApiKey(frame);
        short version = RequestHeader.peekApiVersion(frame);
        ApiTable.Entry entry = apis.find(key);
        if (entry != null && entry.api().supports(version)) {
            return entry;
        }
        if (key == Api.API_VERSIONS.key()) {
            answerUnknownApiVersions(frame);
            return null;
        }
        throw new MalformedRequestException(
                "API key " + key + " version " + version + " is not supported");
    }

    /** KIP-511: an unknown version is answered as version 0, with error 35 and what is known. */
    private void answerUnknownApiVersions(ByteBuf frame) {
        short key = frame.readShort();
        short version = frame.readShort();
        RequestHeader asVersion0 = new RequestHeader(key, (short) 0, frame.readInt(), "");
        LOG.debug("ApiVersions v{} from {} is answered as v0", version, connection.remote());
        Request<ApiMessage> request =
                new Request<>(
                        this,
                        Api.API_VERSIONS,
                        asVersion0,
                        new ApiVersionsRequestData(),
                        frame.retain());
        waiting.add(request);
        request.respond(apis.unsupportedVersion());
    }

    private Request<ApiMessage> read(ApiTable.Entry entry, ByteBuf frame) {
        Api api = entry.api();
        short version = RequestHeader.peekApiVersion(frame);
        try {
            RequestHeader header =
                    RequestHeader.read(frame, api.requestHeaderVersion(version), lastHeader);
            lastHeader = header;
            ApiMessage message = api.newRequest();
            message.read(new ByteBufReadable(frame), version);
            return new Request<>(this, api, header, message, frame);
        } catch (RuntimeException e) {
            frame.release();
            throw new MalformedRequestException(
                    api + " v" + version + " is malformed: " + e.getMessage());
        }
    }

    void onAnswered() {
        boolean wrote = false;
        Request<?> first;
        while (!closed && (first = waiting.peek()) != null && first.isAnswered()) {
            waiting.remove();
            waitingBytes -= first.frameBytes();
            ResponseFrame response = first.takeResponse();
            if (response != null) {
                response.write(connection.channel());
                wrote = true;
            }
        }
        if (wrote) {
            scheduleFlush();
        }
        if (draining) {
            endIfDrained();
        } else {
            readOrPause();
        }
    }

    /** Writes bytes that are no response of an API. Takes them. */
    void writeRaw(ByteBuf bytes) {
        connection.channel().writeAndFlush(bytes);
    }

    private void scheduleFlush() {
        if (!flushScheduled) {
            flushScheduled = true;
            loop().execute(flush);
        }
    }

    private void flush() {
        flushScheduled = false;
        connection.channel().flush();
    }

    private void readOrPause() {
        Channel channel = connection.channel();
        boolean read =
                stalls == 0
                        && waiting.size() < MAX_WAITING_REQUESTS
                        && waitingBytes < MAX_WAITING_BYTES
                        && channel.isWritable();
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        readOrPause();
        ctx.fireChannelWritabilityChanged();
    }

    /** Nothing came or went for long: a client that is alive asks for metadata more often. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent && stalls == 0 && idle()) {
            LOG.debug("kafka connection from {} was idle", connection.remote());
            ctx.close();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closed = true;
        waiting.forEach(Request::cancel);
        waiting.clear();
        backlog.forEach(ByteBuf::release);
        backlog.clear();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof MalformedRequestException) {
            fail(String.valueOf(cause.getMessage()));
        } else if (cause instanceof IOException) {
            LOG.debug("kafka connection from {} broke", connection.remote(), cause);
            ctx.close();
        } else {
            LOG.error("kafka connection from {} failed", connection.remote(), cause);
            ctx.close();
        }
    }

    /** Whether it has ended: nothing can be answered any more. Event loop. */
    public boolean closed() {
        return closed;
    }

    boolean inEventLoop() {
        return loop().inEventLoop();
    }

    void execute(Runnable task) {
        loop().execute(task);
    }
}
