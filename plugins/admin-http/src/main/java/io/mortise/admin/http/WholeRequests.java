// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.admin.http;

import io.mortise.spi.Reason;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;

/** Joins the parts of a request, and says in the usual shape when a body is too large. */
final class WholeRequests extends HttpObjectAggregator {
    private final int maxBodyBytes;

    WholeRequests(int maxBodyBytes) {
        super(maxBodyBytes);
        this.maxBodyBytes = maxBodyBytes;
    }

    /** To a client that asks before it sends (RFC 9110, section 10.1.1). */
    @Override
    protected Object newContinueResponse(
            HttpMessage start, int maxContentLength, ChannelPipeline pipeline) {
        Object answer = super.newContinueResponse(start, maxContentLength, pipeline);
        return answer instanceof FullHttpResponse response
                        && response.status().equals(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE)
                ? tooLarge()
                : answer;
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
        context.writeAndFlush(tooLarge()).addListener(ChannelFutureListener.CLOSE);
    }

    private FullHttpResponse tooLarge() {
        return Responses.problem(
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                Reason.TOO_LARGE,
                "a body has at most "
                        + maxBodyBytes
                        + " bytes (plugins.admin-http.maxBodyBytes); the command line streams"
                        + " bundles of any size");
    }
}
