// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.handler;

import io.mortise.protocol.kafka.session.ApiTable;
import io.mortise.protocol.kafka.session.Request;
import io.mortise.protocol.kafka.session.RequestHandler;

import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.protocol.Errors;

import java.util.regex.Pattern;

/** Which APIs and features there are. Works before authentication. */
public final class ApiVersionsHandler implements RequestHandler<ApiVersionsRequestData> {
    /** KIP-511. */
    private static final Pattern SOFTWARE =
            Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    private static final String GROUP_VERSION = "group.version";
    private static final short WITH_SOFTWARE = 3;

    /** From here on a supported feature may have 0 as its lowest level. */
    private static final short WITH_LEVEL_0 = 4;

    private final ApiTable apis;

    /** Answers what the table holds when asked. */
    public ApiVersionsHandler(ApiTable apis) {
        this.apis = apis;
    }

    @Override
    public void handle(Request<ApiVersionsRequestData> request) {
        ApiVersionsRequestData asked = request.message();
        boolean legal =
                request.version() < WITH_SOFTWARE
                        || (SOFTWARE.matcher(asked.clientSoftwareName()).matches()
                                && SOFTWARE.matcher(asked.clientSoftwareVersion()).matches());
        request.respond(
                legal
                        ? versions(request.version())
                        : new ApiVersionsResponseData()
                                .setErrorCode(Errors.INVALID_REQUEST.code()));
    }

    private ApiVersionsResponseData versions(short version) {
        ApiVersionsResponseData response = apis.versions().setFinalizedFeaturesEpoch(0);
        if (version >= WITH_LEVEL_0) {
            response.supportedFeatures()
                    .add(
                            new ApiVersionsResponseData.SupportedFeatureKey()
                                    .setName(GROUP_VERSION)
                                    .setMinVersion((short) 0)
                                    .setMaxVersion((short) 1));
        }
        response.finalizedFeatures()
                .add(
                        new ApiVersionsResponseData.FinalizedFeatureKey()
                                .setName(GROUP_VERSION)
                                .setMinVersionLevel((short) 1)
                                .setMaxVersionLevel((short) 1));
        return response;
    }
}
