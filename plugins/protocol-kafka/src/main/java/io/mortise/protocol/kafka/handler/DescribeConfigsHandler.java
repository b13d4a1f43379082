// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.Identity;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;
import io.mortise.spi.broker.Topic;
import io.mortise.spi.broker.Topics.ConfigKey;
import io.mortise.spi.security.Operation;

import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.TreeMap;

/** Configs of topics, and the few of the broker that Kafka's tools look at. */
public final class DescribeConfigsHandler implements RequestHandler<DescribeConfigsRequestData> {
    private final Services services;

    public DescribeConfigsHandler(Services services) {
        this.services = services;
    }

    @Override
    public void handle(Request<DescribeConfigsRequestData> request) {
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        for (DescribeConfigsResource asked : request.message().resources()) {
            DescribeConfigsResult result =
                    new DescribeConfigsResult()
                            .setResourceType(asked.resourceType())
                            .setResourceName(asked.resourceName());
            response.results().add(result);
            switch (ConfigResource.Type.forId(asked.resourceType())) {
                case TOPIC -> describeTopic(request, asked, result);
                case BROKER -> describeBroker(request, asked, result);
                default ->
                        fail(
                                result,
                                Errors.INVALID_REQUEST,
                                "only topics and brokers have configs");
            }
        }
        request.respond(response);
    }

    private void describeTopic(
            Request<DescribeConfigsRequestData> request,
            DescribeConfigsResource asked,
            DescribeConfigsResult result) {
        String name = asked.resourceName();
        Identity client = request.connection().identity();
        Topic topic = services.find(request.connection(), name);
        if (!Access.topic(client, Operation.DESCRIBE_CONFIGS, name)) {
            fail(result, Errors.TOPIC_AUTHORIZATION_FAILED, null);
        } else if (topic == null) {
            fail(result, Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
        } else {
            for (ConfigKey key : services.topics().configKeys()) {
                if (wanted(asked, key.name())) {
                    result.configs().add(describe(request.message(), topic, key));
                }
            }
        }
    }

    private static DescribeConfigsResourceResult describe(
            DescribeConfigsRequestData asked, Topic topic, ConfigKey key) {
        byte source = TopicConfigs.source(topic, key);
        String value = topic.config(key.name());
        var config =
                new DescribeConfigsResourceResult()
                        .setName(key.name())
                        .setValue(value)
                        .setConfigSource(source)
                        .setConfigType(TopicConfigs.type(key))
                        .setDocumentation(asked.includeDocumentation() ? key.doc() : null);
        if (asked.includeSynonyms()) {
            if (source != TopicConfigs.DEFAULT_CONFIG) {
                config.synonyms().add(synonym(key.name(), value, source));
            }
            config.synonyms()
                    .add(synonym(key.name(), key.defaultValue(), TopicConfigs.DEFAULT_CONFIG));
        }
        return config;
    }

    private static DescribeConfigsSynonym synonym(String name, String value, byte source) {
        return new DescribeConfigsSynonym().setName(name).setValue(value).setSource(source);
    }

    private void describeBroker(
            Request<DescribeConfigsRequestData> request,
            DescribeConfigsResource asked,
            DescribeConfigsResult result) {
        String self = Integer.toString(services.broker().self().id());
        if (!Access.cluster(request.connection().identity(), Operation.DESCRIBE_CONFIGS)) {
            fail(result, Errors.CLUSTER_AUTHORIZATION_FAILED, null);
        } else if (asked.resourceName().equals(self)) {
            boolean synonyms = request.message().includeSynonyms();
            brokerConfigs().forEach((name, value) -> add(asked, result, name, value, synonyms));
        } else if (!asked.resourceName().isEmpty()) { // the empty name: the cluster has no defaults
            fail(
                    result,
                    Errors.INVALID_REQUEST,
                    "broker '" + asked.resourceName() + "' is not this one, " + self);
        }
    }

    private Map<String, String> brokerConfigs() {
        Map<String, String> configs = new TreeMap<>();
        configs.put("broker.id", Integer.toString(services.broker().self().id()));
        configs.put("node.id", Integer.toString(services.broker().self().id()));
        configs.put(
                "auto.create.topics.enable",
                Boolean.toString(services.settings().autoCreateTopics()));
        configs.put("default.replication.factor", "1");
        return configs;
    }

    private static void add(
            DescribeConfigsResource asked,
            DescribeConfigsResult result,
            String name,
            String value,
            boolean synonyms) {
        if (!wanted(asked, name)) {
            return;
        }
        byte source = TopicConfigs.STATIC_BROKER_CONFIG;
        DescribeConfigsResourceResult config =
                new DescribeConfigsResourceResult()
                        .setName(name)
                        .setValue(value)
                        .setReadOnly(true)
                        .setConfigSource(source)
                        .setConfigType(TopicConfigs.STRING);
        if (synonyms) {
            config.synonyms().add(synonym(name, value, source));
        }
        result.configs().add(config);
    }

    private static boolean wanted(DescribeConfigsResource asked, String name) {
        return asked.configurationKeys() == null || asked.configurationKeys().contains(name);
    }

    private static void fail(DescribeConfigsResult result, Errors error, @Nullable String message) {
        result.setErrorCode(error.code())
                .setErrorMessage(message == null ? error.message() : message);
    }
}
