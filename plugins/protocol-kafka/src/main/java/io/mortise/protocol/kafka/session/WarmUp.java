// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.session;

import io.mortise.protocol.kafka.codec.ByteBufReadable;
import io.mortise.protocol.kafka.codec.ResponseFrame;
import io.mortise.spi.runtime.Scheduler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Loads what the first clients need, aside, when the first of them comes: some hundred classes of
 * Kafka's messages and errors, which would hold an event loop for a fifth of a second. Without
 * Kafka clients nothing is loaded.
 */
public final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    private static final List<Api> FIRST =
            List.of(
                    Api.API_VERSIONS,
                    Api.METADATA,
                    Api.PRODUCE,
                    Api.FETCH,
                    Api.LIST_OFFSETS,
                    Api.FIND_COORDINATOR);

    private final Scheduler scheduler;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /** Does nothing yet. */
    public WarmUp(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /** Lets the connection wait until everything is loaded. Event loop. */
    public void await(KafkaConnection connection) {
        if (done.isDone()) {
            return;
        }
        connection.stall();
        if (begun.compareAndSet(false, true)) {
            scheduler.execute(this::run);
        }
        done.whenCompleteAsync((nothing, failure) -> connection.resume(), connection.loop());
    }

    private void run() {
        try {
            FIRST.forEach(WarmUp::roundTrip);
            for (ApiMessage response : responses()) {
                encode(response, response.highestSupportedVersion());
            }
            Errors.forCode(Errors.NONE.code());
        } catch (RuntimeException e) {
            LOG.error("loading Kafka's messages failed", e);
        } finally {
            done.complete(null);
        }
    }

    private static List<ApiMessage> responses() {
        return List.of(
                new ApiVersionsResponseData(),
                new MetadataResponseData(),
                new ProduceResponseData(),
                new FetchResponseData(),
                new ListOffsetsResponseData(),
                new FindCoordinatorResponseData());
    }

    private static void roundTrip(Api api) {
        short version = api.maxVersion();
        ByteBufferAccessor written = MessageUtil.toByteBufferAccessor(api.newRequest(), version);
        ByteBuf bytes = Unpooled.wrappedBuffer(written.buffer());
        api.newRequest().read(new ByteBufReadable(bytes), version);
        bytes.release();
    }

    private static void encode(ApiMessage message, short version) {
        ResponseFrame.encode(UnpooledByteBufAllocator.DEFAULT, 0, (short) 1, message, version)
                .release();
    }
}
