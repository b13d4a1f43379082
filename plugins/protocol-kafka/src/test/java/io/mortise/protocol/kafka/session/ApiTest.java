// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.kafka.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our table of APIs says what Kafka's says. */
class ApiTest {
    @ParameterizedTest
    @EnumSource(Api.class)
    void isAsInKafka(Api api) {
        ApiKeys kafka = ApiKeys.valueOf(api.name());
        assertThat(api.key()).isEqualTo(kafka.id);
        assertThat(api.minVersion()).isEqualTo(kafka.oldestVersion());
        assertThat(api.maxVersion()).isEqualTo(kafka.latestVersion(false));
        assertThat(api.newRequest().apiKey()).isEqualTo(kafka.id);
        for (short version = api.minVersion(); version <= api.maxVersion(); version++) {
            assertThat(api.requestHeaderVersion(version))
                    .isEqualTo(kafka.requestHeaderVersion(version));
            assertThat(api.responseHeaderVersion(version))
                    .isEqualTo(kafka.responseHeaderVersion(version));
        }
    }
}
