// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import org.jspecify.annotations.Nullable;

/**
 * Cuts the stream into frames of a 4-byte length and that many bytes. The length is checked before
 * anything else; room for a frame grows with the bytes that arrived, never with the length that was
 * declared.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final int LENGTH_BYTES = 4;

    private final int maxFrameBytes;
    private @Nullable ByteBuf partial;
    private boolean failed;

    /** Frames longer than the bound end the connection. */
    public FrameDecoder(int maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            if (!failed) {
                completePartial(ctx, in);
                cutWholeFrames(ctx, in);
                keepRest(ctx, in);
            }
        } catch (MalformedRequestException e) {
            failed = true;
            throw e;
        } finally {
            in.release();
        }
    }

    private void completePartial(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf started = partial;
        if (started == null) {
            return;
        }
        if (started.readableBytes() < LENGTH_BYTES) {
            append(started, in, LENGTH_BYTES - started.readableBytes());
            if (started.readableBytes() < LENGTH_BYTES) {
                return;
            }
        }
        int total = LENGTH_BYTES + checkedLength(started);
        append(started, in, total - started.readableBytes());
        if (started.readableBytes() == total) {
            partial = null;
            started.skipBytes(LENGTH_BYTES);
            ctx.fireChannelRead(started);
        }
    }

    private void cutWholeFrames(ChannelHandlerContext ctx, ByteBuf in) {
        while (partial == null && in.readableBytes() >= LENGTH_BYTES) {
            int length = checkedLength(in);
            if (in.readableBytes() - LENGTH_BYTES < length) {
                return;
            }
            in.skipBytes(LENGTH_BYTES);
            ctx.fireChannelRead(in.readRetainedSlice(length));
        }
    }

    private void keepRest(ChannelHandlerContext ctx, ByteBuf in) {
        if (in.isReadable()) {
            ByteBuf rest = ctx.alloc().ioBuffer(in.readableBytes());
            rest.writeBytes(in);
            partial = rest;
        }
    }

    private static void append(ByteBuf to, ByteBuf from, int missing) {
        int count = Math.min(missing, from.readableBytes());
        if (to.writableBytes() < count) {
            int needed = to.readableBytes() + count;
            to.capacity(
                    Math.min(to.readableBytes() + missing, Math.max(2 * to.capacity(), needed)));
        }
        to.writeBytes(from, count);
    }

    private int checkedLength(ByteBuf frame) {
        int length = frame.getInt(frame.readerIndex());
        if (length < 0 || length > maxFrameBytes) {
            throw new MalformedRequestException(
                    "frame of " + length + " bytes, at most " + maxFrameBytes + " are accepted");
        }
        return length;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf started = partial;
        partial = null;
        if (started != null) {
            started.release();
        }
    }
}
