// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.admin.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResponsesTest {
    @Test
    void quotesWhatJsonReserves() {
        assertThat(Responses.quoted("a\"b\\c\nd\u00e9")).isEqualTo("\"a\\\"b\\\\c\\u000ad\u00e9\"");
    }

    @Test
    void healthNeedsNoTokenAndNothingElseDoesWithoutIt() {
        assertThat(TokenGate.isHealth("/health/live")).isTrue();
        assertThat(TokenGate.isHealth("/health/ready")).isTrue();
        assertThat(TokenGate.isHealth("/health/live/../../api/v1/users")).isFalse();
        assertThat(TokenGate.isHealth("/metrics")).isFalse();
    }
}
