// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.session;

import io.mortise.protocol.kafka.codec.MalformedRequestException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * User name and password of SASL/PLAIN: {@code [authzid] NUL authcid NUL passwd} (RFC 4616, section
 * 2).
 */
@SuppressWarnings("ArrayRecordComponent") // handed through once, never compared
record PlainToken(String username, byte[] password) {
    static PlainToken parse(byte[] token) {
        int first = indexOfNul(token, 0);
        int second = indexOfNul(token, first + 1);
        String authorization = text(token, 0, first);
        String username = text(token, first + 1, second);
        if (username.isEmpty() || !(authorization.isEmpty() || authorization.equals(username))) {
            throw new MalformedRequestException(
                    "SASL/PLAIN without a user name, or acting for another user");
        }
        return new PlainToken(username, Arrays.copyOfRange(token, second + 1, token.length));
    }

    private static int indexOfNul(byte[] token, int from) {
        for (int i = from; i < token.length; i++) {
            if (token[i] == 0) {
                return i;
            }
        }
        throw new MalformedRequestException("SASL/PLAIN token without its two NUL");
    }

    private static String text(byte[] token, int from, int to) {
        return new String(token, from, to - from, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "PlainToken[" + username + "]";
    }
}
