// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.codec;

import io.mortise.spi.broker.FetchedBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOutboundInvoker;
import io.netty.util.ReferenceCounted;

import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

import java.util.ArrayList;
import java.util.List;

/**
 * One encoded response: length, header, body, with record bytes between buffers. Written or
 * released once.
 */
public final class ResponseFrame {
    private static final int LENGTH_BYTES = 4;
    private static final int CORRELATION_BYTES = 4;

    private final List<ReferenceCounted> parts;
    private final List<FetchedBatches> leases;

    private ResponseFrame(List<ReferenceCounted> parts, List<FetchedBatches> leases) {
        this.parts = parts;
        this.leases = leases;
    }

    /**
     * Encodes a response. Takes the {@link RecordSlices} within.
     *
     * @param headerVersion 0 without, 1 with tagged fields after the correlation id
     */
    public static ResponseFrame encode(
            ByteBufAllocator allocator,
            int correlationId,
            short headerVersion,
            ApiMessage body,
            short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int length = CORRELATION_BYTES + headerVersion + body.size(cache, version);
        ByteBuf buffer = allocator.ioBuffer(LENGTH_BYTES + length - recordBytes(body));
        buffer.writeInt(length);
        buffer.writeInt(correlationId);
        if (headerVersion > 0) {
            buffer.writeByte(0);
        }
        ByteBufWritable writable = new ByteBufWritable(buffer);
        body.write(writable, cache, version);
        return splice(buffer, writable.splices());
    }

    private static int recordBytes(ApiMessage body) {
        if (!(body instanceof FetchResponseData fetch)) {
            return 0;
        }
        int bytes = 0;
        for (var topic : fetch.responses()) {
            for (var partition : topic.partitions()) {
                bytes += partition.records() == null ? 0 : partition.records().sizeInBytes();
            }
        }
        return bytes;
    }

    private static ResponseFrame splice(ByteBuf buffer, List<ByteBufWritable.Splice> splices) {
        if (splices.isEmpty()) {
            return new ResponseFrame(List.of(buffer), List.of());
        }
        List<ReferenceCounted> parts = new ArrayList<>(2 * splices.size() + 1);
        List<FetchedBatches> leases = new ArrayList<>(splices.size());
        for (ByteBufWritable.Splice splice : splices) {
            int gap = splice.index() - buffer.readerIndex();
            if (gap > 0) {
                parts.add(buffer.readRetainedSlice(gap));
            }
            parts.addAll(splice.records().parts());
            leases.add(splice.records().lease());
        }
        if (buffer.isReadable()) {
            parts.add(buffer);
        } else {
            buffer.release();
        }
        return new ResponseFrame(parts, leases);
    }

    /**
     * Hands every part to the pipeline, without a flush; what was lent is closed when the last part
     * is sent.
     */
    public void write(ChannelOutboundInvoker channel) {
        int last = parts.size() - 1;
        for (int i = 0; i < last; i++) {
            channel.write(parts.get(i), channel.voidPromise());
        }
        if (leases.isEmpty()) {
            channel.write(parts.get(last), channel.voidPromise());
        } else {
            channel.write(parts.get(last))
                    .addListener(sent -> leases.forEach(FetchedBatches::close));
        }
    }

    /** Gives everything back unsent. */
    public void release() {
        parts.forEach(ReferenceCounted::release);
        leases.forEach(FetchedBatches::close);
    }
}
