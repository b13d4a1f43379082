// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Broker;

import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.Errors;

/** Nodes and cluster id. */
public final class DescribeClusterHandler implements RequestHandler<DescribeClusterRequestData> {
    private static final byte BROKERS = 1;

    private final Services services;

    public DescribeClusterHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<DescribeClusterRequestData> request) {
        if (request.message().endpointType() != BROKERS) {
            request.respond(
                    new DescribeClusterResponseData()
                            .setErrorCode(Errors.UNSUPPORTED_ENDPOINT_TYPE.code())
                            .setErrorMessage("only the endpoints of brokers are known here"));
            return;
        }
        DescribeClusterResponseData response =
                new DescribeClusterResponseData()
                        .setEndpointType(BROKERS)
                        .setClusterId(services.broker().clusterId())
                        .setControllerId(services.broker().self().id());
        for (Broker.Node node : services.broker().nodes()) {
            Broker.Endpoint endpoint = Brokers.endpoint(request.connection(), node);
            response.brokers()
                    .add(
                            new DescribeClusterBroker()
                                    .setBrokerId(node.id())
                                    .setHost(endpoint.host())
                                    .setPort(endpoint.port()));
        }
        if (request.message().includeClusterAuthorizedOperations()) {
            response.setClusterAuthorizedOperations(
                    Access.clusterOperations(request.connection().identity()));
        }
        request.respond(response);
    }
}
