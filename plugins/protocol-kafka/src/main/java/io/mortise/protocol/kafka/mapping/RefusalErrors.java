// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.mapping;

import io.mortise.spi.Refusal;
import io.mortise.spi.RefusedException;

import org.apache.kafka.common.protocol.Errors;

import java.util.concurrent.CompletionException;

/** A refusal as Kafka's error code. */
public final class RefusalErrors {
    private RefusalErrors() {}

    /** The code that makes a client do what the refusal's remedy asks. */
    public static Errors of(Refusal refusal) {
        return switch (refusal.reason()) {
            case INVALID_REQUEST -> Errors.INVALID_REQUEST;
            case INVALID_CONFIG -> Errors.INVALID_CONFIG;
            case INVALID_TOPIC_NAME -> Errors.INVALID_TOPIC_EXCEPTION;
            case UNKNOWN_TOPIC -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case TOPIC_EXISTS -> Errors.TOPIC_ALREADY_EXISTS;
            case UNKNOWN_RESOURCE -> Errors.RESOURCE_NOT_FOUND;
            case RESOURCE_EXISTS -> Errors.DUPLICATE_RESOURCE;
            case IN_USE -> Errors.POLICY_VIOLATION;
            case TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
            case CORRUPT -> Errors.CORRUPT_MESSAGE;
            case OFFSET_OUT_OF_RANGE -> Errors.OFFSET_OUT_OF_RANGE;
            case OUT_OF_ORDER_SEQUENCE -> Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
            case DUPLICATE_SEQUENCE -> Errors.DUPLICATE_SEQUENCE_NUMBER;
            case FENCED_PRODUCER -> Errors.INVALID_PRODUCER_EPOCH;
            case INVALID_TRANSACTION -> Errors.INVALID_TXN_STATE;
            case FENCED_COORDINATOR -> Errors.TRANSACTION_COORDINATOR_FENCED;
            case UNKNOWN_PRODUCER -> Errors.UNKNOWN_PRODUCER_ID;
            case BAD_CREDENTIALS, NOT_AUTHENTICATED -> Errors.SASL_AUTHENTICATION_FAILED;
            case NOT_AUTHORIZED -> Errors.TOPIC_AUTHORIZATION_FAILED;
            case QUOTA_EXCEEDED -> Errors.POLICY_VIOLATION;
            case METADATA_UNAVAILABLE -> Errors.NOT_CONTROLLER;
            case STORAGE_UNAVAILABLE, STORAGE_FAILED -> Errors.KAFKA_STORAGE_ERROR;
            case NOT_READY -> Errors.LEADER_NOT_AVAILABLE;
            case FENCED_EPOCH -> Errors.FENCED_LEADER_EPOCH;
            case NOT_LEADER, SHUTTING_DOWN -> Errors.NOT_LEADER_OR_FOLLOWER;
            case INTERNAL_ERROR -> Errors.UNKNOWN_SERVER_ERROR;
            default -> byRemedy(refusal);
        };
    }

    private static Errors byRemedy(Refusal refusal) {
        return switch (refusal.remedy()) {
            case FIX_REQUEST -> Errors.INVALID_REQUEST;
            case RETRY_LATER -> Errors.REQUEST_TIMED_OUT;
            case GO_ELSEWHERE -> Errors.NOT_LEADER_OR_FOLLOWER;
            case CALL_OPERATOR -> Errors.UNKNOWN_SERVER_ERROR;
        };
    }

    /** Of what a stage failed with. */
    public static Errors of(Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof RefusedException refused
                ? of(refused.refusal())
                : Errors.UNKNOWN_SERVER_ERROR;
    }

    /** What to tell the client about it. */
    public static String message(Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof RefusedException refused
                ? refused.refusal().message()
                : "internal error";
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
