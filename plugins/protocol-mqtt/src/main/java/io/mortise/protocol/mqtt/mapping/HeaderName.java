// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.mapping;

import io.mortise.spi.record.HeaderNames;

/**
 * Names of User Properties as record headers. They are the same but where a name means something
 * else on the log: a property of its own ({@code content-type}) or a reserved name ({@code m.q}).
 * Those travel behind the prefix {@value #ESCAPE}.
 */
final class HeaderName {
    static final String ESCAPE = "user.";

    private HeaderName() {}

    /** The header name of a User Property. */
    static String toHeader(String property) {
        return isTaken(property) ? ESCAPE + property : property;
    }

    /** The User Property of a header that is no property of its own. */
    static String toProperty(String header) {
        return isEscaped(header) ? header.substring(ESCAPE.length()) : header;
    }

    private static boolean isTaken(String name) {
        return switch (name) {
            case HeaderNames.CONTENT_TYPE, HeaderNames.REPLY_TO, HeaderNames.CORRELATION_ID -> true;
            default -> name.startsWith(HeaderNames.RESERVED_PREFIX) || isEscaped(name);
        };
    }

    /** Only what needs the prefix has it: other names that begin so are left alone. */
    private static boolean isEscaped(String name) {
        return name.startsWith(ESCAPE) && isTaken(name.substring(ESCAPE.length()));
    }
}
