// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.spi.protocol.Detector.Detection;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Looks at the first bytes on a shared port, on the kernel's accepting loop, and moves the
 * connection with these bytes to the plugin whose protocol they are.
 */
final class ProtocolChoice extends ChannelInboundHandlerAdapter {
    /** What a detector is shown at most. */
    private static final int MAX_BYTES = 64;

    private final List<Claim> claims;
    private final ReadBuffers buffers;
    private final boolean encrypted;
    private final FirstFrames.Pending pending;
    private @Nullable ByteBuf seen;
    private boolean moving;

    ProtocolChoice(
            List<Claim> claims,
            ReadBuffers buffers,
            boolean encrypted,
            FirstFrames.Pending pending) {
        this.claims = claims;
        this.buffers = buffers;
        this.encrypted = encrypted;
        this.pending = pending;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (seen == null) {
            seen = bytes;
        } else {
            seen = ctx.alloc().compositeBuffer().addComponent(true, seen).addComponent(true, bytes);
        }
        if (!moving) {
            choose(ctx, seen);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        pending.done();
        forget();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void choose(ChannelHandlerContext ctx, ByteBuf bytes) {
        int length = Math.min(MAX_BYTES, bytes.readableBytes());
        ByteBuf shown = bytes.slice(bytes.readerIndex(), length);
        boolean undecided = false;
        for (Claim claim : claims) {
            Detection detection = claim.spec().detector().detect(shown);
            if (detection == Detection.MATCH) {
                move(ctx, claim);
                return;
            }
            undecided |= detection == Detection.NEED_MORE;
        }
        if (!undecided || length == MAX_BYTES) {
            ctx.close();
        }
    }

    private void move(ChannelHandlerContext ctx, Claim claim) {
        moving = true;
        pending.done();
        Channel channel = ctx.channel();
        channel.config().setAutoRead(false);
        channel.deregister()
                .addListener(
                        left -> claim.takeChosen(channel, buffers, encrypted, () -> begin(ctx)));
    }

    /** On the plugin's loop: its handlers stand behind this one and see a fresh connection. */
    private void begin(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        ByteBuf bytes = seen;
        seen = null;
        if (bytes != null) {
            ctx.fireChannelRead(bytes);
            ctx.fireChannelReadComplete();
        }
        ctx.pipeline().remove(this);
        ctx.channel().config().setAutoRead(true);
    }

    private void forget() {
        if (seen != null) {
            seen.release();
            seen = null;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        forget();
    }
}
