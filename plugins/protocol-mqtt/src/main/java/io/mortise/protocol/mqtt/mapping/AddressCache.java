// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.mapping;

import io.mortise.protocol.mqtt.codec.Publish;
import io.mortise.spi.broker.Address;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import org.jspecify.annotations.Nullable;

/**
 * Addresses of the topics published to lately, so that a busy topic makes no garbage. A fixed
 * number of slots, one for each hash; a newer topic takes an older one's. On one event loop.
 */
public final class AddressCache {
    private static final int SLOTS = 1024;

    private final @Nullable Address[] addresses = new @Nullable Address[SLOTS];
    private final @Nullable ByteBuf[] names = new @Nullable ByteBuf[SLOTS];

    /** The address of the packet's topic. */
    public Address of(Publish packet) {
        int slot = packet.topicHash() & SLOTS - 1;
        Address known = addresses[slot];
        ByteBuf name = names[slot];
        if (known != null && name != null && isTopic(packet, name)) {
            return known;
        }
        Address made = Address.copy(packet.frame(), packet.topicIndex(), packet.topicLength());
        addresses[slot] = made;
        names[slot] = Unpooled.wrappedBuffer(made.bytes());
        return made;
    }

    private static boolean isTopic(Publish packet, ByteBuf name) {
        int length = packet.topicLength();
        return name.readableBytes() == length
                && ByteBufUtil.equals(packet.frame(), packet.topicIndex(), name, 0, length);
    }
}
