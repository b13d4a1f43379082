// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.session;

import io.mortise.spi.TenantId;
import io.mortise.spi.broker.AddressFilter;
import io.netty.buffer.ByteBuf;

import java.util.List;

/** Looks retained messages up. Any thread. */
@FunctionalInterface
interface RetainedMessages {
    /**
     * The retained messages whose addresses match, as {@link
     * io.mortise.kernel.delivery.SingleMessage} encodes them: shared, on the heap, not changed
     * again.
     */
    List<ByteBuf> matching(TenantId tenant, AddressFilter filter);
}
