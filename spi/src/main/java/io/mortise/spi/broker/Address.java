// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.spi.broker;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A list of segments by which messages are routed: UTF-8 text with {@code /} between segments,
 * without wildcards or NUL. Immutable; equality by bytes. How an address becomes topic and record
 * key is the kernel's business.
 */
public final class Address {
    /** MQTT 5.0, 1.5.4: a UTF-8 string has at most this many bytes. */
    public static final int MAX_BYTES = 65_535;

    private final byte[] bytes;
    private final int hash;

    private Address(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    /** Parses text; refuses what {@link #fault} names. */
    public static Address of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Takes {@code utf8} without copying. The caller has checked that it is UTF-8. */
    public static Address of(byte[] utf8) {
        String fault = fault(utf8);
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        return new Address(utf8);
    }

    /** Copies {@code length} bytes at {@code index}; the caller has checked that they are UTF-8. */
    public static Address copy(ByteBuf source, int index, int length) {
        return of(ByteBufUtil.getBytes(source, index, length, true));
    }

    /** What is wrong with these bytes as an address, or null. */
    public static @org.jspecify.annotations.Nullable String fault(byte[] utf8) {
        if (utf8.length == 0 || utf8.length > MAX_BYTES) {
            return "an address has 1 to " + MAX_BYTES + " bytes, not " + utf8.length;
        }
        for (byte b : utf8) {
            if (b == '+' || b == '#' || b == 0) {
                return "an address has no wildcard and no NUL";
            }
        }
        return null;
    }

    /** The bytes; not to be changed. */
    @SuppressWarnings("EI_EXPOSE_REP")
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Address that
                && hash == that.hash
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
