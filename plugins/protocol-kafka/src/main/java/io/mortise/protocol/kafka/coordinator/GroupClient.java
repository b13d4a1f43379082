// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.coordinator;

import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

import java.net.InetAddress;
import java.util.function.Predicate;

/**
 * Who asks the coordinator, and in which version of which request.
 *
 * @param describesTopic whether it may describe a topic; asked later too, from any thread
 */
public record GroupClient(
        String clientId,
        InetAddress clientAddress,
        String userName,
        int requestType,
        int requestVersion,
        int correlationId,
        Predicate<String> describesTopic)
        implements AuthorizableRequestContext {
    @Override
    public String listenerName() {
        return "CLIENT";
    }

    @Override
    public SecurityProtocol securityProtocol() {
        return SecurityProtocol.PLAINTEXT;
    }

    @Override
    public KafkaPrincipal principal() {
        return new KafkaPrincipal(KafkaPrincipal.USER_TYPE, userName);
    }
}
