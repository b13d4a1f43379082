// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.mortise.spi.protocol.Connection;
import io.netty.channel.Channel;

import java.net.InetSocketAddress;

/** What a plugin is handed. On the channel's loop. */
final class AcceptedConnection implements Connection {
    private final Channel channel;
    private final InetSocketAddress remote;
    private final String listener;
    private final boolean encrypted;
    private final ReadBuffers buffers;
    private final FirstFrames.Pending pending;

    AcceptedConnection(
            Channel channel,
            String listener,
            boolean encrypted,
            ReadBuffers buffers,
            FirstFrames.Pending pending) {
        this.channel = channel;
        this.remote = (InetSocketAddress) channel.remoteAddress();
        this.listener = listener;
        this.encrypted = encrypted;
        this.buffers = buffers;
        this.pending = pending;
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public InetSocketAddress remote() {
        return remote;
    }

    @Override
    public String listener() {
        return listener;
    }

    @Override
    public boolean encrypted() {
        return encrypted;
    }

    @Override
    public void established() {
        pending.done();
        buffers.established();
    }
}
