// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.codec;

import io.netty.buffer.ByteBuf;

/** Finds the frames in a stream (MQTT 5.0, 2.1) without looking beyond their first five bytes. */
public final class FixedHeader {
    /** The length is not all there yet. */
    public static final int INCOMPLETE = 0;

    /** The length has no end within four bytes. */
    public static final int MALFORMED = -1;

    /** The packet exceeds the maximum. */
    public static final int TOO_LARGE = -2;

    private FixedHeader() {}

    /**
     * Length of the frame at the reader index, which does not move.
     *
     * @param maxPacketBytes most bytes of a whole packet, fixed header included; checked before
     *     anything else, so that a refused packet is never waited for
     * @return 2 and more, or one of the constants; the frame itself need not be there yet
     */
    public static int frameLength(ByteBuf in, int maxPacketBytes) {
        int start = in.readerIndex() + 1;
        int readable = in.writerIndex() - start;
        int remaining = 0;
        for (int i = 0; i < 4; i++) {
            if (i >= readable) {
                return INCOMPLETE;
            }
            int next = in.getByte(start + i);
            remaining |= (next & 0x7F) << 7 * i;
            if (next >= 0) {
                int length = 2 + i + remaining;
                return length > maxPacketBytes ? TOO_LARGE : length;
            }
        }
        return MALFORMED;
    }
}
