// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.storage.segment.file.CommitFile;
import io.mortise.storage.segment.file.Frame;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * Batches of one log and one extent that wait for the end of their round, with room before them for
 * the header of a commit frame, so that they are copied once. Filled by the writer under the log's
 * lock; until then readers look into it.
 */
final class Chunk {
    final ByteBuffer buffer;
    @Nullable Extent extent;
    int position;
    int length;
    long base;
    long end;
    int epoch;
    @Nullable CommitFile file;
    long filePosition;

    Chunk(int capacity) {
        buffer = ByteBuffer.allocateDirect(Frame.SIZE + capacity);
    }

    void begin(Extent newExtent, int newPosition, long newBase) {
        buffer.clear();
        extent = newExtent;
        position = newPosition;
        length = 0;
        base = newBase;
        end = newBase;
        file = null;
    }

    boolean takes(Extent candidate, int bytes) {
        return extent == candidate && bytes <= buffer.capacity() - Frame.SIZE - length;
    }

    void append(ByteBuffer batches, int newEpoch, long newEnd) {
        int bytes = batches.remaining();
        buffer.put(Frame.SIZE + length, batches, batches.position(), bytes);
        length += bytes;
        epoch = newEpoch;
        end = newEnd;
    }

    /** The batches alone, as the buffer's remaining bytes. */
    ByteBuffer payload() {
        return buffer.limit(Frame.SIZE + length).position(Frame.SIZE);
    }
}
