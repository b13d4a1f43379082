// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.session;

import io.mortise.protocol.mqtt.codec.FixedHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection's bytes into frames. Whole frames are handed on in the buffer they arrived in;
 * only a frame that straddles reads is copied, into a buffer that grows with what arrives and never
 * with what is declared. On its loop.
 */
public final class FrameAssembler {
    private static final int LEAST_BYTES = 64;

    private final int maxPacketBytes;
    private @Nullable ByteBuf partial;

    public FrameAssembler(int maxPacketBytes) {
        this.maxPacketBytes = maxPacketBytes;
    }

    /** Takes the frames of a connection. */
    public interface Sink {
        /** Whether a frame may come now; if not, bytes are kept until {@link #read} again. */
        boolean accepts();

        /**
         * A whole frame at the reader index, to be moved behind it.
         *
         * @param in borrowed
         */
        void frame(ByteBuf in, int length);

        /** The stream cannot be read on: a constant of {@link FixedHeader}. */
        void fault(int fault);
    }

    /**
     * Hands on what is whole and keeps the rest.
     *
     * @param in borrowed; empty to go on with what was kept
     */
    public void read(ByteBuf in, ByteBufAllocator allocator, Sink sink) {
        if (partial != null && !readPartial(partial, in, sink)) {
            keep(in, allocator);
            return;
        }
        while (sink.accepts() && in.isReadable()) {
            int length = FixedHeader.frameLength(in, maxPacketBytes);
            if (length < 0) {
                sink.fault(length);
                return;
            }
            if (length == FixedHeader.INCOMPLETE || length > in.readableBytes()) {
                break;
            }
            sink.frame(in, length);
        }
        keep(in, allocator);
    }

    /** Gives back what is kept. */
    public void release() {
        if (partial != null) {
            partial.release();
            partial = null;
        }
    }

    /** Completes the frames kept, moving over as few bytes as that takes; false if one is left. */
    private boolean readPartial(ByteBuf kept, ByteBuf in, Sink sink) {
        while (kept.isReadable()) {
            if (!sink.accepts()) {
                return false;
            }
            int length = FixedHeader.frameLength(kept, maxPacketBytes);
            if (length < 0) {
                sink.fault(length);
                return false;
            }
            int missing = length == 0 ? 1 : length - kept.readableBytes();
            if (missing > 0) {
                int moved = Math.min(missing, in.readableBytes());
                kept.writeBytes(in, moved);
                if (moved < missing) {
                    return false;
                }
            }
            if (length > 0) {
                sink.frame(kept, length);
            }
        }
        release();
        return true;
    }

    private void keep(ByteBuf in, ByteBufAllocator allocator) {
        int bytes = in.readableBytes();
        if (bytes == 0) {
            return;
        }
        if (partial == null) {
            partial = allocator.buffer(Math.max(LEAST_BYTES, bytes));
        }
        partial.writeBytes(in);
    }
}
