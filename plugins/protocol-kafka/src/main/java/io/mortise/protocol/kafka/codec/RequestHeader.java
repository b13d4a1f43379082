// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.codec;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;

/**
 * What stands before every request body.
 *
 * @param clientId as the client names itself, empty when it does not
 */
public record RequestHeader(short apiKey, short apiVersion, int correlationId, String clientId) {
    private static final int FIXED_BYTES = 8;

    /** The key without moving the reader index. Callers have checked {@link #isReadable}. */
    public static short peekApiKey(ByteBuf frame) {
        return frame.getShort(frame.readerIndex());
    }

    /** The version without moving the reader index. */
    public static short peekApiVersion(ByteBuf frame) {
        return frame.getShort(frame.readerIndex() + 2);
    }

    /** Whether the frame holds key, version and correlation id. */
    public static boolean isReadable(ByteBuf frame) {
        return frame.readableBytes() >= FIXED_BYTES;
    }

    /**
     * Reads a header, leaving the reader index at the body.
     *
     * @param headerVersion 1, or 2 with tagged fields
     * @param previous header of the same connection, whose client id is used again when the bytes
     *     are equal
     */
    public static RequestHeader read(
            ByteBuf frame, short headerVersion, @Nullable RequestHeader previous) {
        short apiKey = frame.readShort();
        short apiVersion = frame.readShort();
        int correlationId = frame.readInt();
        String clientId = headerVersion == 0 ? "" : readClientId(frame, previous);
        if (headerVersion >= 2) {
            skipTaggedFields(new ByteBufReadable(frame), frame);
        }
        return new RequestHeader(apiKey, apiVersion, correlationId, clientId);
    }

    private static String readClientId(ByteBuf frame, @Nullable RequestHeader previous) {
        int length = frame.readShort();
        if (length > frame.readableBytes()) {
            throw new MalformedRequestException(
                    "client id of " + length + " bytes, " + frame.readableBytes() + " are left");
        }
        if (length <= 0) {
            return "";
        }
        int start = frame.readerIndex();
        frame.skipBytes(length);
        if (previous != null && sameAscii(frame, start, length, previous.clientId)) {
            return previous.clientId;
        }
        return frame.toString(start, length, StandardCharsets.UTF_8);
    }

    private static boolean sameAscii(ByteBuf frame, int start, int length, String text) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (frame.getByte(start + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static void skipTaggedFields(ByteBufReadable readable, ByteBuf frame) {
        int count = readable.readUnsignedVarint();
        for (int i = 0; i < count; i++) {
            readable.readUnsignedVarint();
            int size = readable.readUnsignedVarint();
            if (size < 0 || size > frame.readableBytes()) {
                throw new MalformedRequestException("tagged field of " + size + " bytes");
            }
            frame.skipBytes(size);
        }
    }
}
