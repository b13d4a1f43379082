// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.storage.segment;

import io.mortise.spi.storage.LogSlice;
import io.mortise.storage.segment.file.SharedFile;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One run of batches, in memory or in a file that stays open until the slice is closed. */
final class SegmentSlice implements LogSlice {
    private final long baseOffset;
    private final long nextOffset;
    private final List<Part> parts;
    private final @Nullable SharedFile pinned;
    private final AtomicBoolean closed = new AtomicBoolean();

    private SegmentSlice(
            long baseOffset, long nextOffset, List<Part> parts, @Nullable SharedFile pinned) {
        this.baseOffset = baseOffset;
        this.nextOffset = nextOffset;
        this.parts = parts;
        this.pinned = pinned;
    }

    /** Nothing lies between the offset asked for and {@code nextOffset}. */
    static SegmentSlice empty(long offset, long nextOffset) {
        return new SegmentSlice(offset, nextOffset, List.of(), null);
    }

    static SegmentSlice memory(long baseOffset, long nextOffset, ByteBuffer bytes) {
        return new SegmentSlice(
                baseOffset, nextOffset, List.of(new Memory(bytes.asReadOnlyBuffer())), null);
    }

    /** Takes over the caller's use of {@code file}. */
    static SegmentSlice region(
            long baseOffset, long nextOffset, SharedFile file, long position, int length) {
        return new SegmentSlice(
                baseOffset, nextOffset, List.of(new Region(file.file(), position, length)), file);
    }

    @Override
    public long baseOffset() {
        return baseOffset;
    }

    @Override
    public long nextOffset() {
        return nextOffset;
    }

    @Override
    public int sizeInBytes() {
        return parts.isEmpty() ? 0 : parts.getFirst().length();
    }

    @Override
    public List<Part> parts() {
        return parts;
    }

    @Override
    public void close() {
        if (pinned != null && closed.compareAndSet(false, true)) {
            pinned.release();
        }
    }
}
