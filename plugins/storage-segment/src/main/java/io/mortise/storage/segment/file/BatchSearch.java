// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment.file;

import io.mortise.spi.record.BatchHeader;
import io.mortise.spi.runtime.StorageFile;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Finds the next good batch behind damaged bytes. */
public final class BatchSearch {
    private static final int WINDOW = 128 << 10;

    private BatchSearch() {}

    /**
     * Looks at every byte.
     *
     * @param walk over the same file; stands on the batch that was found, if one was
     * @param from position of the first candidate
     * @param end no batch goes past this
     * @param above the batch's base offset is greater than this
     * @param below and less than this
     */
    public static boolean find(
            BatchWalk walk,
            StorageFile file,
            long fileStart,
            int from,
            int end,
            long above,
            long below)
            throws IOException {
        ByteBuffer window = ByteBuffer.allocate(WINDOW);
        for (long at = from; at + BatchHeader.SIZE <= end; at += WINDOW - BatchHeader.SIZE + 1) {
            window.clear().limit((int) Math.min(WINDOW, end - at));
            var ignored = file.read(window, fileStart + at);
            window.flip();
            for (int i = 0; i + BatchHeader.SIZE <= window.limit(); i++) {
                if (plausible(window, i, end - at - i, above, below)) {
                    walk.jump((int) at + i, BatchHeader.baseOffset(window, i));
                    if (walk.peek(end) && walk.verify()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean plausible(
            ByteBuffer window, int at, long greatest, long above, long below) {
        long base = BatchHeader.baseOffset(window, at);
        int size = BatchHeader.sizeInBytes(window, at);
        return BatchHeader.magic(window, at) == 2
                && base > above
                && base < below
                && size >= BatchHeader.SIZE
                && size <= greatest;
    }
}
