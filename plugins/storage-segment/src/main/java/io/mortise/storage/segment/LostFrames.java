// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.storage.segment.LogSeed.Found;
import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.Frame;

/**
 * Damaged bytes of the commit log between two frames that pass.
 *
 * @param from where they begin
 * @param to where the next frame begins
 */
record LostFrames(CommitFile file, long from, long to) {
    boolean isBefore(Found found) {
        long number = found.file().order();
        return file.number() < number || (file.number() == number && from < found.filePosition());
    }

    boolean isAfter(Found found) {
        long number = found.file().order();
        return file.number() > number || (file.number() == number && from > found.filePosition());
    }

    /** As the frame that it must have been; readers refuse what it holds. */
    Found asFrame(long base, long end, int batchEpoch) {
        int length = (int) (to - from - Frame.SIZE);
        return new Found(file, from + Frame.SIZE, length, base, end, 0, batchEpoch, -1);
    }
}
