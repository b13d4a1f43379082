// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.admin.http;

import io.mortise.spi.Reason;
import io.mortise.spi.admin.Administration;
import io.mortise.spi.protocol.Connection;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;

import java.nio.charset.StandardCharsets;

/**
 * Asks for the token (RFC 6750, {@code Authorization: Bearer}) as soon as a request's head is
 * there, before any of its body is kept. Health needs none: a load balancer has no secret.
 */
final class TokenGate extends ChannelInboundHandlerAdapter {
    private static final String SCHEME = "Bearer ";

    private final Administration administration;
    private final Connection connection;
    private boolean refused;

    TokenGate(Administration administration, Connection connection) {
        this.administration = administration;
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof HttpRequest request && !admitted(request)) {
            refused = true;
            ReferenceCountUtil.release(message);
            var response =
                    Responses.problem(
                            HttpResponseStatus.UNAUTHORIZED,
                            Reason.NOT_AUTHENTICATED,
                            "the admin token is missing or wrong: send 'Authorization: Bearer"
                                    + " TOKEN' with the content of data/admin.token");
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"mortise\"");
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        } else {
            context.fireChannelRead(message);
        }
    }

    private boolean admitted(HttpRequest request) {
        if (!request.decoderResult().isSuccess()) {
            return true; // answered with 400 further on
        }
        if (isHealth(request.uri())) {
            connection.established();
            return true;
        }
        String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION);
        boolean admitted =
                authorization != null
                        && authorization.startsWith(SCHEME)
                        && administration.authorized(
                                authorization
                                        .substring(SCHEME.length())
                                        .getBytes(StandardCharsets.UTF_8));
        if (admitted) {
            connection.established();
        }
        return admitted;
    }

    static boolean isHealth(String uri) {
        return uri.equals("/health/live") || uri.equals("/health/ready");
    }
}
