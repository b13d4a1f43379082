// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;

import org.jspecify.annotations.Nullable;

/**
 * What one connection writes in a turn of its event loop, joined into one buffer and flushed once
 * at the turn's end. Holds no buffer in between. On its loop.
 */
public final class Outbox {
    /** Payloads up to this size are copied, larger ones are written as slices. */
    public static final int COPY_BYTES = 1024;

    private static final int LEAST_BYTES = 256;
    private static final int MOST_BYTES = 64 * 1024;

    private final Channel channel;
    private final ConnectionLoop loop;
    private @Nullable ByteBuf open;
    private int expectedBytes = LEAST_BYTES;
    private boolean dirty;

    Outbox(Channel channel, ConnectionLoop loop) {
        this.channel = channel;
        this.loop = loop;
    }

    /** The buffer to append a packet's {@code bytes} to, at once. */
    public ByteBuf reserve(int bytes) {
        ByteBuf buffer = open;
        if (buffer != null && buffer.readableBytes() + bytes > MOST_BYTES) {
            passOn();
            buffer = null;
        }
        if (buffer == null) {
            buffer = channel.alloc().buffer(Math.max(bytes, expectedBytes));
            open = buffer;
        }
        markDirty();
        return buffer;
    }

    /**
     * Appends bytes without copying them, behind what was reserved before.
     *
     * @param bytes taken
     */
    public void append(ByteBuf bytes) {
        passOn();
        channel.write(bytes, channel.voidPromise());
        markDirty();
    }

    /** Whether the connection has room for deliveries. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    /** Bytes by which the connection is behind what it should hold at most. */
    long excessBytes() {
        return channel.bytesBeforeWritable();
    }

    /** The turn ends. */
    void flush() {
        dirty = false;
        passOn();
        channel.flush();
    }

    /** Writes what is there and closes the channel behind it. */
    void finish() {
        ByteBuf last = open;
        open = null;
        channel.writeAndFlush(last == null ? Unpooled.EMPTY_BUFFER : last)
                .addListener(ChannelFutureListener.CLOSE);
    }

    /** Gives back what was never written. */
    void release() {
        if (open != null) {
            open.release();
            open = null;
        }
    }

    private void passOn() {
        ByteBuf buffer = open;
        if (buffer == null) {
            return;
        }
        open = null;
        int written = Integer.highestOneBit(Math.max(1, buffer.readableBytes())) << 1;
        expectedBytes = Math.clamp(written, LEAST_BYTES, MOST_BYTES);
        channel.write(buffer, channel.voidPromise());
    }

    private void markDirty() {
        if (!dirty) {
            dirty = true;
            loop.flushAtEndOfTurn(this);
        }
    }
}
