// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka;

import io.mortise.spi.protocol.Detector;
import io.netty.buffer.ByteBuf;

/**
 * A Kafka client begins with a length, an API key and a version, all of them small and none
 * negative.
 */
final class KafkaDetector implements Detector {
    private static final int NEEDED_BYTES = 8;
    private static final int MAX_FIRST_FRAME_BYTES = 1 << 24;
    private static final int MAX_API_KEY = 127;
    private static final int MAX_VERSION = 31;

    @Override
    public Detection detect(ByteBuf bytes) {
        if (bytes.readableBytes() < NEEDED_BYTES) {
            return bytes.isReadable() && bytes.getByte(bytes.readerIndex()) != 0
                    ? Detection.NO_MATCH
                    : Detection.NEED_MORE;
        }
        int at = bytes.readerIndex();
        int length = bytes.getInt(at);
        short key = bytes.getShort(at + 4);
        short version = bytes.getShort(at + 6);
        boolean kafka =
                length >= NEEDED_BYTES
                        && length < MAX_FIRST_FRAME_BYTES
                        && key >= 0
                        && key <= MAX_API_KEY
                        && version >= 0
                        && version <= MAX_VERSION;
        return kafka ? Detection.MATCH : Detection.NO_MATCH;
    }
}
