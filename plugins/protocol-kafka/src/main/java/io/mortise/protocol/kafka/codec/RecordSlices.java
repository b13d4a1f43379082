// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.protocol.kafka.codec;

import io.mortise.spi.broker.FetchedBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCounted;

import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Record bytes of one partition on their way to the socket, never copied on the way: memory as it
 * is, files by sendfile. Owns the slice until a {@link ResponseFrame} takes it or {@link #release}.
 */
public final class RecordSlices implements BaseRecords {
    private final FetchedBatches slice;
    private final List<ReferenceCounted> parts = new ArrayList<>(2);

    /**
     * Takes the slice, also when it throws.
     *
     * @param sendFile whether the connection can send from a file; if not (TLS), file regions are
     *     read here
     */
    public RecordSlices(FetchedBatches slice, boolean sendFile, ByteBufAllocator allocator)
            throws IOException {
        this.slice = slice;
        try {
            for (FetchedBatches.Part part : slice.parts()) {
                parts.add(
                        switch (part) {
                            case FetchedBatches.Memory memory -> memory.bytes().retainedDuplicate();
                            case FetchedBatches.Region region ->
                                    region(region, sendFile, allocator);
                        });
            }
        } catch (IOException | RuntimeException e) {
            release();
            throw e;
        }
    }

    private static ReferenceCounted region(
            FetchedBatches.Region region, boolean sendFile, ByteBufAllocator allocator)
            throws IOException {
        FileChannel channel = region.file().channel();
        return sendFile && channel != null
                ? new LentFileRegion(channel, region.position(), region.length())
                : read(region, allocator.ioBuffer(region.length(), region.length()));
    }

    private static ByteBuf read(FetchedBatches.Region region, ByteBuf into) throws IOException {
        try {
            ByteBuffer target = into.nioBuffer(0, region.length());
            while (target.hasRemaining()) {
                if (region.file().read(target, region.position() + target.position()) < 0) {
                    throw new EOFException(
                            region.file().path()
                                    + " ends before "
                                    + (region.position() + region.length()));
                }
            }
            return into.writerIndex(region.length());
        } catch (IOException | RuntimeException e) {
            into.release();
            throw e;
        }
    }

    @Override
    public int sizeInBytes() {
        return slice.sizeInBytes();
    }

    /** Gives everything back unsent. */
    public void release() {
        parts.forEach(ReferenceCounted::release);
        parts.clear();
        slice.close();
    }

    /**
     * The parts in order, each sent or released by whoever calls this, who then closes {@link
     * #lease}.
     */
    List<ReferenceCounted> parts() {
        return parts;
    }

    /** To close when the last part was sent. */
    FetchedBatches lease() {
        return slice;
    }

    @Override
    public RecordsSend<? extends BaseRecords> toSend() {
        throw new UnsupportedOperationException("written by ResponseFrame, never by Kafka's Send");
    }
}
