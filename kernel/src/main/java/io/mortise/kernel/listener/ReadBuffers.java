// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.kernel.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Sizes of one connection's read buffers: a stranger gets little, an established connection what it
 * makes use of. One per connection, on its loop.
 */
final class ReadBuffers implements RecvByteBufAllocator {
    /** For a connection that has not sent a whole frame yet. */
    private static final FixedRecvByteBufAllocator FIRST = new FixedRecvByteBufAllocator(512);

    private static final AdaptiveRecvByteBufAllocator GROWN =
            new AdaptiveRecvByteBufAllocator(512, 2048, 64 << 10);

    private final SwitchingHandle handle = new SwitchingHandle((ExtendedHandle) FIRST.newHandle());

    @Override
    @SuppressWarnings("deprecation") // the interface still names it
    public Handle newHandle() {
        return handle;
    }

    /** Lets buffers grow from the next read on. */
    void established() {
        handle.grow((ExtendedHandle) GROWN.newHandle());
    }

    /** A transport keeps the first handle that it is given, so the handle itself must change. */
    private static final class SwitchingHandle implements ExtendedHandle {
        private ExtendedHandle delegate;
        private @org.jspecify.annotations.Nullable ExtendedHandle next;

        SwitchingHandle(ExtendedHandle first) {
            this.delegate = first;
        }

        /** Not in the middle of a read round, whose counts the present handle holds. */
        void grow(ExtendedHandle grown) {
            next = grown;
        }

        @Override
        public void reset(ChannelConfig config) {
            if (next != null) {
                delegate = next;
                next = null;
            }
            delegate.reset(config);
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            return delegate.allocate(alloc);
        }

        @Override
        public int guess() {
            return delegate.guess();
        }

        @Override
        public void incMessagesRead(int count) {
            delegate.incMessagesRead(count);
        }

        @Override
        public void lastBytesRead(int bytes) {
            delegate.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return delegate.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            delegate.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return delegate.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return delegate.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return delegate.continueReading(maybeMoreData);
        }

        @Override
        public void readComplete() {
            delegate.readComplete();
        }
    }
}
