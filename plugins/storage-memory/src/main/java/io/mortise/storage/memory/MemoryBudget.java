// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.memory;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** The bytes that all logs of one engine share. Any thread. */
final class MemoryBudget {
    private final long maxBytes;
    private final AtomicLong used = new AtomicLong();

    MemoryBudget(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    void take(String log, int bytes) throws IOException {
        if (used.addAndGet(bytes) > maxBytes) {
            used.addAndGet(-bytes);
            throw new IOException(
                    "log "
                            + log
                            + " needs "
                            + bytes
                            + " more bytes: the memory engine holds "
                            + used.get()
                            + " of its maxBytes "
                            + maxBytes);
        }
    }

    void give(int bytes) {
        used.addAndGet(-bytes);
    }

    long usedBytes() {
        return used.get();
    }
}
