// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi;

/**
 * Why a request was refused. Constants may be added in a minor version, so a reader that meets one
 * it does not know answers by its {@link #remedy()}, of which there will never be more.
 */
public enum Reason {
    INVALID_REQUEST(Remedy.FIX_REQUEST),
    INVALID_CONFIG(Remedy.FIX_REQUEST),
    INVALID_TOPIC_NAME(Remedy.FIX_REQUEST),
    UNKNOWN_TOPIC(Remedy.FIX_REQUEST),
    TOPIC_EXISTS(Remedy.FIX_REQUEST),
    UNKNOWN_RESOURCE(Remedy.FIX_REQUEST),
    RESOURCE_EXISTS(Remedy.FIX_REQUEST),
    /** The resource is needed by something that the message names. */
    IN_USE(Remedy.FIX_REQUEST),
    UNSUPPORTED(Remedy.FIX_REQUEST),
    TOO_LARGE(Remedy.FIX_REQUEST),
    CORRUPT(Remedy.FIX_REQUEST),
    OFFSET_OUT_OF_RANGE(Remedy.FIX_REQUEST),
    /** Idempotent producer: a gap in the sequence numbers (KIP-98). */
    OUT_OF_ORDER_SEQUENCE(Remedy.FIX_REQUEST),
    /** Idempotent producer: a duplicate older than the five batches remembered (KIP-98). */
    DUPLICATE_SEQUENCE(Remedy.FIX_REQUEST),
    /** Idempotent producer: the epoch is older than the one known. */
    FENCED_PRODUCER(Remedy.FIX_REQUEST),
    /** Idempotent producer: nothing is known of this producer id. */
    UNKNOWN_PRODUCER(Remedy.FIX_REQUEST),
    /** The producer has no such transaction, or has one that this would break (KIP-98). */
    INVALID_TRANSACTION(Remedy.FIX_REQUEST),
    BAD_CREDENTIALS(Remedy.FIX_REQUEST),
    NOT_AUTHENTICATED(Remedy.FIX_REQUEST),
    NOT_AUTHORIZED(Remedy.FIX_REQUEST),
    QUOTA_EXCEEDED(Remedy.RETRY_LATER),
    /** A bounded queue is full; nothing was consumed. */
    BUSY(Remedy.RETRY_LATER),
    METADATA_UNAVAILABLE(Remedy.RETRY_LATER),
    STORAGE_UNAVAILABLE(Remedy.RETRY_LATER),
    NOT_READY(Remedy.RETRY_LATER),
    SHUTTING_DOWN(Remedy.RETRY_LATER),
    /** The leader epoch named is not the current one. */
    FENCED_EPOCH(Remedy.GO_ELSEWHERE),
    /** A later transaction coordinator has ended a transaction of this producer. */
    FENCED_COORDINATOR(Remedy.GO_ELSEWHERE),
    NOT_LEADER(Remedy.GO_ELSEWHERE),
    /** Another connection has taken this session over. */
    TAKEN_OVER(Remedy.GO_ELSEWHERE),
    STORAGE_FAILED(Remedy.CALL_OPERATOR),
    INTERNAL_ERROR(Remedy.CALL_OPERATOR);

    private final Remedy remedy;

    Reason(Remedy remedy) {
        this.remedy = remedy;
    }

    /** What the one who was refused can do. */
    public Remedy remedy() {
        return remedy;
    }
}
