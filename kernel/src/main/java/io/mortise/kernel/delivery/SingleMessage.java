// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.delivery;

import io.mortise.kernel.record.BatchBuilder;
import io.mortise.spi.broker.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A message that is kept outside its topic's log (a will, a retained message, one that is never
 * stored): a batch of one record whose key is the whole address.
 */
public final class SingleMessage {
    static final byte[] NO_TOPIC = {'m', 'q', 't', 't'};

    private SingleMessage() {}

    /**
     * Encodes a message on the heap, to be read by {@link RecordView#load(ByteBuf, long)}.
     *
     * @param message borrowed
     */
    public static ByteBuf encode(Message message, long timestampMillis) {
        MessageHeaders headers = new MessageHeaders();
        headers.encode(message, null, null);
        byte[] address = message.address().bytes();
        ByteBuf out = Unpooled.buffer(128 + address.length + message.payload().readableBytes());
        BatchBuilder builder = new BatchBuilder();
        builder.begin(out);
        builder.append(
                timestampMillis,
                address,
                0,
                address.length,
                message.payload(),
                headers.bytes(),
                headers.count());
        builder.finish();
        return out;
    }

    /** Decodes what {@link #encode} wrote; the payload is a copy that the caller owns. */
    public static Message decode(ByteBuf single, long nowMillis) {
        RecordView view = new RecordView();
        view.load(single, nowMillis);
        Message message =
                new Message(
                        view.address(),
                        Unpooled.copiedBuffer(view.payload()),
                        view.headersWithUtf8Mark(),
                        (byte) view.publishedQos(),
                        view.publishedRetained(),
                        view.publishedExpirySeconds());
        view.clear();
        return message;
    }
}
