// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.admin.http;

import io.mortise.spi.Reason;
import io.mortise.spi.admin.Administration;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.QueryStringDecoder;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers whole requests of one connection, one after the other: reading stops while a request is
 * with the kernel, so pipelined requests are answered in order.
 */
final class ResourceHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ResourceHandler.class);

    private final Administration administration;

    ResourceHandler(Administration administration) {
        this.administration = administration;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        if (!request.decoderResult().isSuccess()) {
            send(
                    context,
                    false,
                    Responses.problem(
                            HttpResponseStatus.BAD_REQUEST,
                            Reason.INVALID_REQUEST,
                            "not an HTTP/1.1 request"));
            return;
        }
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        switch (uri.path()) {
            case "/health/live", "/health/ready" -> send(context, keepAlive, health(uri.path()));
            case "/metrics" ->
                    send(
                            context,
                            keepAlive,
                            Responses.of(
                                    HttpResponseStatus.OK,
                                    Responses.TEXT,
                                    administration.metrics().getBytes(StandardCharsets.UTF_8)));
            default -> forward(context, keepAlive, uri, request);
        }
    }

    private FullHttpResponse health(String path) {
        Administration.Health health = administration.health();
        boolean good = path.endsWith("live") ? health.live() : health.ready();
        StringBuilder body = new StringBuilder("{\"status\":");
        body.append(Responses.quoted(good ? "UP" : "DOWN")).append(",\"waitingFor\":[");
        append(body, health.waitingFor());
        body.append("],\"degraded\":[");
        append(body, health.degraded());
        return Responses.of(
                good ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE,
                Responses.JSON,
                body.append("]}\n").toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void append(StringBuilder body, List<String> texts) {
        for (int i = 0; i < texts.size(); i++) {
            body.append(i == 0 ? "" : ",").append(Responses.quoted(texts.get(i)));
        }
    }

    private void forward(
            ChannelHandlerContext context,
            boolean keepAlive,
            QueryStringDecoder uri,
            FullHttpRequest request) {
        Map<String, String> query = new HashMap<>();
        uri.parameters().forEach((name, values) -> query.put(name, values.getFirst()));
        context.channel().config().setAutoRead(false);
        administration
                .handle(
                        new Administration.Request(
                                request.method().name(),
                                uri.path(),
                                query,
                                request.headers().get(HttpHeaderNames.CONTENT_TYPE),
                                ByteBufUtil.getBytes(request.content())))
                .thenAcceptAsync(
                        answer -> {
                            send(context, keepAlive, response(answer));
                            context.channel().config().setAutoRead(true);
                        },
                        context.executor());
    }

    private static FullHttpResponse response(Administration.Response answer) {
        return Responses.of(
                HttpResponseStatus.valueOf(answer.status()), Responses.JSON, answer.body());
    }

    private static void send(
            ChannelHandlerContext context, boolean keepAlive, FullHttpResponse response) {
        if (keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
            context.writeAndFlush(response);
        } else {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug(
                "admin connection {} ended: {}",
                context.channel().remoteAddress(),
                cause.toString());
        context.close();
    }
}
