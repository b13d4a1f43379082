// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open file with several users; the last one to leave closes it, whether or not its name is
 * still there.
 */
public final class SharedFile {
    private final StorageFile file;
    private final AtomicInteger users = new AtomicInteger(1);

    /** The maker is the first user. */
    public SharedFile(StorageFile file) {
        this.file = file;
    }

    /** The file; to be used between {@link #retain} and {@link #release} only. */
    public StorageFile file() {
        return file;
    }

    /** One more user; the caller knows that there is one already. */
    public SharedFile retain() {
        users.incrementAndGet();
        return this;
    }

    /** Whether its maker is the only user. */
    public boolean unshared() {
        return users.get() == 1;
    }

    /** One user less. */
    public void release() {
        if (users.decrementAndGet() == 0) {
            try {
                file.close();
            } catch (IOException ignored) {
                // what had to be durable was forced before; nobody uses the file any more
            }
        }
    }
}
