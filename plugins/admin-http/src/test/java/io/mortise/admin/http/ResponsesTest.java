// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.admin.http;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mortise.spi.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;

import org.junit.jupiter.api.Test;

class ResponsesTest {
    @Test
    void quotesWhatJsonReserves() {
        assertThat(Responses.quoted("a\"b\\c\nd\u00e9")).isEqualTo("\"a\\\"b\\\\c\\u000ad\u00e9\"");
    }

    @Test
    void everyErrorHasOneShape() {
        FullHttpResponse response =
                Responses.problem(
                        HttpResponseStatus.BAD_REQUEST, Reason.INVALID_REQUEST, "no \"x\"");
        assertThat(response.content().toString(UTF_8))
                .isEqualTo("{\"reason\":\"INVALID_REQUEST\",\"message\":\"no \\\"x\\\"\"}\n");
        response.release();
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedInThatShape() {
        var channel = new EmbeddedChannel(new HttpServerCodec(), new WholeRequests(10));
        channel.writeInbound(
                Unpooled.copiedBuffer(
                        "POST /api/v1/topics HTTP/1.1\r\nContent-Length: 11\r\n\r\nhello world",
                        UTF_8));
        StringBuilder answer = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            answer.append(part.toString(UTF_8));
            part.release();
        }
        assertThat(answer.toString())
                .startsWith("HTTP/1.1 413 ")
                .contains("{\"reason\":\"TOO_LARGE\",\"message\":\"a body has at most 10 bytes");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void healthNeedsNoTokenAndNothingElseDoesWithoutIt() {
        assertThat(TokenGate.isHealth("/health/live")).isTrue();
        assertThat(TokenGate.isHealth("/health/ready")).isTrue();
        assertThat(TokenGate.isHealth("/health/live/../../api/v1/users")).isFalse();
        assertThat(TokenGate.isHealth("/metrics")).isFalse();
    }
}
