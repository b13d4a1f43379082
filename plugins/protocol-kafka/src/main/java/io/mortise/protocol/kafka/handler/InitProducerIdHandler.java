// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.mapping.RefusalErrors;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Broker.ProducerIdBlock;

import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Gives idempotent producers their ids, from blocks that the metadata hands out. Transactional ones
 * are refused.
 */
public final class InitProducerIdHandler implements RequestHandler<InitProducerIdRequestData> {
    private final Services services;
    private final Deque<Request<InitProducerIdRequestData>> waiting = new ArrayDeque<>();
    private long next;
    private int left;
    private boolean allocating;

    public InitProducerIdHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<InitProducerIdRequestData> request) {
        if (request.message().transactionalId() != null) {
            request.respond(answer(-1, Errors.UNSUPPORTED_VERSION));
            return;
        }
        long producerId = takeOrWait(request);
        if (producerId >= 0) {
            request.respond(answer(producerId, Errors.NONE));
        }
    }

    private synchronized long takeOrWait(Request<InitProducerIdRequestData> request) {
        if (left > 0) {
            return take();
        }
        waiting.add(request);
        allocate();
        return -1;
    }

    private synchronized long take() {
        left--;
        return next++;
    }

    private synchronized void allocate() {
        if (!allocating) {
            allocating = true;
            services.broker().allocateProducerIds().whenComplete(this::onBlock);
        }
    }

    private synchronized void onBlock(
            @Nullable ProducerIdBlock block, @Nullable Throwable failure) {
        allocating = false;
        if (block != null) {
            next = block.first();
            left = block.count();
        }
        Errors error = failure == null ? Errors.NONE : retriable(failure);
        while (!waiting.isEmpty() && (left > 0 || block == null)) {
            waiting.remove().respond(answer(block == null ? -1 : take(), error));
        }
        if (!waiting.isEmpty()) {
            allocate();
        }
    }

    private static Errors retriable(Throwable failure) {
        Errors error = RefusalErrors.of(failure);
        return error == Errors.NOT_CONTROLLER ? Errors.COORDINATOR_LOAD_IN_PROGRESS : error;
    }

    private static InitProducerIdResponseData answer(long producerId, Errors error) {
        return new InitProducerIdResponseData()
                .setProducerId(producerId)
                .setProducerEpoch((short) (producerId < 0 ? -1 : 0))
                .setErrorCode(error.code());
    }
}
