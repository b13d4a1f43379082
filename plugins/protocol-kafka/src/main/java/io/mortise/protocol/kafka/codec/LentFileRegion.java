// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.codec;

import io.netty.channel.DefaultFileRegion;

import java.nio.channels.FileChannel;

/** A region of a file that somebody else closes: Netty's own would close it after sending. */
final class LentFileRegion extends DefaultFileRegion {
    LentFileRegion(FileChannel file, long position, long count) {
        super(file, position, count);
    }

    @Override
    protected void deallocate() {
        // The slice that lent the file gives it back.
    }
}
