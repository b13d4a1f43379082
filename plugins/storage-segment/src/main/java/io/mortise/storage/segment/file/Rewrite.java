// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.runtime.StorageFile;
import io.mortise.spi.storage.CorruptLogException;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Makes durable what a dead process left. After a force that failed, an operating system may count
 * bytes as written that it has in memory only, and a later force would pass over them: so they are
 * written again before they are forced.
 */
public final class Rewrite {
    private static final int STEP = 256 << 10;

    private Rewrite() {}

    /** Writes the bytes from {@code from} to {@code to} over themselves and forces the file. */
    public static void force(StorageFile file, long from, long to) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(STEP, Math.max(0, to - from)));
        for (long at = from; at < to; at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), to - at));
            if (file.read(buffer, at) < buffer.limit()) {
                throw new CorruptLogException(
                        "file '"
                                + file.path()
                                + "' ends before position "
                                + to
                                + ", up to where it was written",
                        file.path(),
                        -1,
                        -1);
            }
            file.write(buffer.flip(), at);
        }
        file.force();
    }
}
