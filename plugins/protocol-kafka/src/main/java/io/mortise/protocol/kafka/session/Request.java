// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.session;

import io.mortise.protocol.kafka.codec.RequestHeader;
import io.mortise.protocol.kafka.codec.ResponseFrame;
import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * One request being answered. Its message may hold views of the frame, which lives until the answer
 * or {@link #releaseFrame}. Answers of one connection leave in the order of its requests, whatever
 * order they are given in.
 */
public final class Request<Q extends ApiMessage> {
    private final KafkaConnection connection;
    private final Api api;
    private final RequestHeader header;
    private final Q message;
    private final int frameBytes;
    private @Nullable ByteBuf frame;
    private @Nullable Runnable cancellation;
    private @Nullable ResponseFrame response;
    private boolean answered;

    Request(KafkaConnection connection, Api api, RequestHeader header, Q message, ByteBuf frame) {
        this.connection = connection;
        this.api = api;
        this.header = header;
        this.message = message;
        this.frame = frame;
        this.frameBytes = frame.capacity();
    }

    /** Who asks. */
    public KafkaConnection connection() {
        return connection;
    }

    /** Key, version, client id. */
    public RequestHeader header() {
        return header;
    }

    /** Version of request and response. */
    public short version() {
        return header.apiVersion();
    }

    /** What is asked. */
    public Q message() {
        return message;
    }

    /** Answers, from any thread, once. Takes record slices within. */
    public void respond(ApiMessage body) {
        if (connection.inEventLoop()) {
            encode(body);
        } else {
            connection.execute(() -> encode(body));
        }
    }

    /** Answers nothing, as produce with acks=0 wants. Event loop. */
    public void respondNothing() {
        answer(null);
    }

    /** The message's views are not needed any more. Event loop. */
    public void releaseFrame() {
        ByteBuf held = frame;
        frame = null;
        if (held != null) {
            held.release();
        }
    }

    /** What to do when the connection ends before the answer. Event loop. */
    public void onCancel(@Nullable Runnable action) {
        cancellation = action;
    }

    private void encode(ApiMessage body) {
        answer(
                ResponseFrame.encode(
                        connection.allocator(),
                        header.correlationId(),
                        api.responseHeaderVersion(header.apiVersion()),
                        body,
                        header.apiVersion()));
    }

    private void answer(@Nullable ResponseFrame frameToSend) {
        if (answered) {
            throw new IllegalStateException(api + " was answered twice");
        }
        answered = true;
        cancellation = null;
        releaseFrame();
        if (!connection.closed()) {
            response = frameToSend;
            connection.onAnswered();
        } else if (frameToSend != null) {
            frameToSend.release();
        }
    }

    boolean isAnswered() {
        return answered;
    }

    int frameBytes() {
        return frameBytes;
    }

    @Nullable ResponseFrame takeResponse() {
        ResponseFrame taken = response;
        response = null;
        return taken;
    }

    /** The connection is gone. */
    void cancel() {
        Runnable action = cancellation;
        cancellation = null;
        if (action != null) {
            action.run();
        }
        releaseFrame();
        ResponseFrame unsent = takeResponse();
        if (unsent != null) {
            unsent.release();
        }
    }
}
