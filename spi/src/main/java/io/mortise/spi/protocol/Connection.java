// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.protocol;

import io.netty.channel.Channel;

import org.osgi.annotation.versioning.ProviderType;

import java.net.InetSocketAddress;

/** An accepted connection. On its event loop. */
@ProviderType
public interface Connection {
    Channel channel();

    /** The peer, as the kernel knows it. */
    InetSocketAddress remote();

    /** The listener's name. */
    String listener();

    /** Whether the bytes came over TLS. */
    boolean encrypted();

    /**
     * The first whole frame was good (for a protocol with authentication: the client is known): the
     * first-frame time-out ends and read buffers may grow.
     */
    void established();
}
