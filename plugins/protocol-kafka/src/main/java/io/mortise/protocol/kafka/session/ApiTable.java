// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.session;

import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Every API that is answered, with its versions. What is not in here is neither advertised nor
 * understood.
 */
public final class ApiTable {
    /** One API. */
    public record Entry(Api api, RequestHandler<ApiMessage> handler) {}

    private final @Nullable Entry[] byKey = new @Nullable Entry[128];
    private final List<Entry> entries = new ArrayList<>();

    /** Adds an API. */
    @SuppressWarnings("unchecked") // the message class belongs to the key
    public <Q extends ApiMessage> ApiTable add(Api api, RequestHandler<Q> handler) {
        Entry entry = new Entry(api, (RequestHandler<ApiMessage>) handler);
        byKey[api.key()] = entry;
        entries.add(entry);
        return this;
    }

    /** The API of a key, or null. */
    public @Nullable Entry find(short key) {
        return key < 0 || key >= byKey.length ? null : byKey[key];
    }

    /** The answer to an ApiVersions request, with every API in here and the features given. */
    public ApiVersionsResponseData versions() {
        ApiVersionsResponseData response = new ApiVersionsResponseData();
        for (Entry entry : entries) {
            response.apiKeys()
                    .add(
                            new ApiVersionsResponseData.ApiVersion()
                                    .setApiKey(entry.api.key())
                                    .setMinVersion(advertisedMin(entry))
                                    .setMaxVersion(entry.api.maxVersion()));
        }
        return response;
    }

    /**
     * KIP-896: old librdkafka judges a broker by Produce versions 0 to 2, which are advertised
     * only.
     */
    private static short advertisedMin(Entry entry) {
        return entry.api == Api.PRODUCE ? 0 : entry.api.minVersion();
    }

    /** The answer to an ApiVersions request of a version that nobody knows. */
    ApiVersionsResponseData unsupportedVersion() {
        return versions().setErrorCode(Errors.UNSUPPORTED_VERSION.code());
    }
}
