// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.mapping;

import io.mortise.protocol.mqtt.codec.ReasonCode;
import io.mortise.spi.Refusal;

/**
 * Refusals of the broker as reason codes. Reasons may grow in a minor SPI version, remedies may
 * not.
 */
public final class ReasonMapping {
    private ReasonMapping() {}

    /** In a CONNACK (MQTT 5.0, 3.2.2.2). */
    public static ReasonCode connect(Refusal refusal) {
        return switch (refusal.reason()) {
            case BAD_CREDENTIALS -> ReasonCode.BAD_USER_NAME_OR_PASSWORD;
            case NOT_AUTHENTICATED, NOT_AUTHORIZED -> ReasonCode.NOT_AUTHORIZED;
            case QUOTA_EXCEEDED -> ReasonCode.QUOTA_EXCEEDED;
            case TOO_LARGE -> ReasonCode.PACKET_TOO_LARGE;
            case INVALID_TOPIC_NAME -> ReasonCode.TOPIC_NAME_INVALID;
            case BUSY -> ReasonCode.SERVER_BUSY;
            default ->
                    switch (refusal.remedy()) {
                        case FIX_REQUEST -> ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
                        case RETRY_LATER -> ReasonCode.SERVER_UNAVAILABLE;
                        case GO_ELSEWHERE -> ReasonCode.USE_ANOTHER_SERVER;
                        case CALL_OPERATOR -> ReasonCode.UNSPECIFIED_ERROR;
                    };
        };
    }

    /** In a PUBACK or PUBREC (3.4.2.1, 3.5.2.1). */
    public static ReasonCode publish(Refusal refusal) {
        return switch (refusal.reason()) {
            case NOT_AUTHENTICATED, NOT_AUTHORIZED -> ReasonCode.NOT_AUTHORIZED;
            case INVALID_TOPIC_NAME, INVALID_REQUEST, UNKNOWN_TOPIC ->
                    ReasonCode.TOPIC_NAME_INVALID;
            case QUOTA_EXCEEDED, TOO_LARGE -> ReasonCode.QUOTA_EXCEEDED;
            default ->
                    switch (refusal.remedy()) {
                        case FIX_REQUEST, RETRY_LATER, GO_ELSEWHERE ->
                                ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
                        case CALL_OPERATOR -> ReasonCode.UNSPECIFIED_ERROR;
                    };
        };
    }

    /** In a SUBACK or UNSUBACK (3.9.3, 3.11.3). */
    public static ReasonCode subscribe(Refusal refusal) {
        return switch (refusal.reason()) {
            case NOT_AUTHENTICATED, NOT_AUTHORIZED -> ReasonCode.NOT_AUTHORIZED;
            case INVALID_TOPIC_NAME, INVALID_REQUEST -> ReasonCode.TOPIC_FILTER_INVALID;
            case QUOTA_EXCEEDED -> ReasonCode.QUOTA_EXCEEDED;
            default ->
                    switch (refusal.remedy()) {
                        case FIX_REQUEST, RETRY_LATER, GO_ELSEWHERE ->
                                ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
                        case CALL_OPERATOR -> ReasonCode.UNSPECIFIED_ERROR;
                    };
        };
    }

    /** In an UNSUBACK, which knows fewer (3.11.3). */
    public static ReasonCode unsubscribe(Refusal refusal) {
        ReasonCode reason = subscribe(refusal);
        return reason == ReasonCode.QUOTA_EXCEEDED
                ? ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR
                : reason;
    }

    /** In a DISCONNECT (3.14.2.1). */
    public static ReasonCode disconnect(Refusal refusal) {
        return switch (refusal.reason()) {
            case TAKEN_OVER -> ReasonCode.SESSION_TAKEN_OVER;
            case SHUTTING_DOWN -> ReasonCode.SERVER_SHUTTING_DOWN;
            case NOT_AUTHENTICATED, NOT_AUTHORIZED -> ReasonCode.NOT_AUTHORIZED;
            case QUOTA_EXCEEDED -> ReasonCode.QUOTA_EXCEEDED;
            case TOO_LARGE -> ReasonCode.PACKET_TOO_LARGE;
            default ->
                    switch (refusal.remedy()) {
                        case FIX_REQUEST -> ReasonCode.ADMINISTRATIVE_ACTION;
                        case RETRY_LATER -> ReasonCode.SERVER_BUSY;
                        case GO_ELSEWHERE -> ReasonCode.USE_ANOTHER_SERVER;
                        case CALL_OPERATOR -> ReasonCode.UNSPECIFIED_ERROR;
                    };
        };
    }
}
