// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.simulation;

import io.mortise.spi.record.BatchHeader;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole batch in a file of the segment engine.
 *
 * @param position of its first byte
 * @param frame what the engine loses with it: the frame of a commit file, its last round, in an
 *     extent that grows what was written last, otherwise the batch alone
 */
record FoundBatch(int position, int size, long base, long end, int crc, int frame) {
    private static final int MAGIC = 16;
    private static final int FILE_HEADER = 64;
    private static final int FRAME_HEADER = 48;
    private static final int FRAME_PAYLOAD = 4;
    private static final int FRAME_TYPE = 8;
    private static final int FRAME_DURABLE = 40;
    private static final int EXTENT_HEADER = 4096;
    private static final int SECTOR = 512;
    private static final int MARK_SEQUENCE = 4;
    private static final int MARK_DURABLE = 12;
    private static final int MARK_FROM = 16;
    private static final int MARK_TO = 20;

    /** All that are good, in order. */
    static List<FoundBatch> in(String path, byte[] file) {
        List<FoundBatch> found = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(file);
        boolean frames = path.endsWith(".commit");
        int frame = FILE_HEADER;
        int writtenLast = Integer.MAX_VALUE;
        if (frames) {
            writtenLast = lastRound(bytes);
        } else if (path.endsWith(".extent")) {
            writtenLast = writtenLast(bytes);
        }
        for (int at = FILE_HEADER; at + BatchHeader.SIZE <= file.length; at++) {
            while (frames && frame + FRAME_HEADER <= at && endOf(bytes, frame) <= at) {
                frame = endOf(bytes, frame);
            }
            if (file[at + MAGIC] == 2 && isWhole(bytes, at)) {
                int size = BatchHeader.sizeInBytes(bytes, at);
                long end = BatchHeader.lastOffset(bytes, at) + 1;
                long base = BatchHeader.baseOffset(bytes, at);
                int crc = BatchHeader.crc(bytes, at);
                int unit = Math.min(frames ? frame : at, writtenLast);
                found.add(new FoundBatch(at, size, base, end, crc, unit));
                at += size - 1;
            }
        }
        return found;
    }

    /** From where on nothing but the last mark vouches for the bytes, all of them together. */
    private static int writtenLast(ByteBuffer bytes) {
        long latest = -1;
        int from = 0;
        for (int at = SECTOR; at < Math.min(EXTENT_HEADER, bytes.limit() - SECTOR); at += SECTOR) {
            if (bytes.getLong(at + MARK_SEQUENCE) > latest) {
                latest = bytes.getLong(at + MARK_SEQUENCE);
                int durable = bytes.getInt(at + MARK_DURABLE);
                int written =
                        bytes.getInt(at + MARK_TO) == 0 ? durable : bytes.getInt(at + MARK_FROM);
                from = Math.min(durable, written);
            }
        }
        return EXTENT_HEADER + from;
    }

    /** From where on no frame says that what is before it was durable. */
    private static int lastRound(ByteBuffer bytes) {
        long durable = 0;
        int at = FILE_HEADER;
        while (at + FRAME_HEADER <= bytes.limit() && bytes.getInt(at + FRAME_PAYLOAD) >= 0) {
            if (bytes.get(at + FRAME_TYPE) != 0) {
                durable = Math.max(durable, bytes.getLong(at + FRAME_DURABLE));
            }
            at = endOf(bytes, at);
        }
        return (int) durable;
    }

    private static int endOf(ByteBuffer bytes, int frame) {
        int payload = bytes.getInt(frame + FRAME_PAYLOAD);
        return payload < 0 ? Integer.MAX_VALUE : frame + FRAME_HEADER + payload;
    }

    private static boolean isWhole(ByteBuffer bytes, int at) {
        int size = BatchHeader.sizeInBytes(bytes, at);
        return size >= BatchHeader.SIZE
                && size <= bytes.limit() - at
                && Batches.crc(bytes, at) == BatchHeader.crc(bytes, at);
    }
}
