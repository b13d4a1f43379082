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

    /** Takes bytes if there are as many. */
    boolean tryTake(int bytes) {
        boolean fits = used.addAndGet(bytes) <= maxBytes;
        if (!fits) {
            used.addAndGet(-bytes);
        }
        return fits;
    }

    /**
     * Takes memory or refuses.
     *
     * @param user for the message: whose, and at which offset
     */
    void take(String user, int bytes) throws IOException {
        if (!tryTake(bytes)) {
            throw new IOException(
                    user
                            + " needs "
                            + bytes
                            + " more bytes: the memory engine holds "
                            + used.get()
                            + " of its maxBytes "
                            + maxBytes
                            + "; raise maxBytes, delete what is not needed, or set whenFull to"
                            + " drop-oldest");
        }
    }

    void give(int bytes) {
        used.addAndGet(-bytes);
    }

    long usedBytes() {
        return used.get();
    }
}
