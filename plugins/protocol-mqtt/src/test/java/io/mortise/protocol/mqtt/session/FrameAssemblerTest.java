// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0
package io.mortise.protocol.mqtt.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.protocol.mqtt.codec.FixedHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class FrameAssemblerTest {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final Frames frames = new Frames();

    @Test
    void bufferGrowsWithWhatArrivedNotWithWhatIsDeclared() {
        FrameAssembler assembler = new FrameAssembler(256 << 20);
        byte[] declaring = {0x10, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F};
        assembler.read(Unpooled.wrappedBuffer(declaring), allocator, frames);
        for (int i = 0; i < 500; i++) {
            assembler.read(Unpooled.wrappedBuffer(new byte[1]), allocator, frames);
        }
        assertThat(allocator.metric().usedHeapMemory()).isBetween(505L, 1024L);
        assembler.release();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
        assertThat(frames.lengths).isEmpty();
    }

    @Test
    void wholeFramesAreNotCopied() {
        FrameAssembler assembler = new FrameAssembler(1_000);
        byte[] two = {(byte) 0xC0, 0, (byte) 0xC0, 0};
        assembler.read(Unpooled.wrappedBuffer(two), allocator, frames);
        assertThat(frames.lengths).containsExactly(2, 2);
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void restWaitsWhileNothingIsAccepted() {
        FrameAssembler assembler = new FrameAssembler(1_000);
        frames.accepting = 1;
        byte[] bytes = {(byte) 0xC0, 0, (byte) 0xC0, 0, 0x30};
        assembler.read(Unpooled.wrappedBuffer(bytes), allocator, frames);
        assembler.read(Unpooled.wrappedBuffer(new byte[] {1, 9}), allocator, frames);
        assertThat(frames.lengths).containsExactly(2);
        frames.accepting = 10;
        assembler.read(Unpooled.EMPTY_BUFFER, allocator, frames);
        assertThat(frames.lengths).containsExactly(2, 2, 3);
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void refusedLengthIsNotKept() {
        FrameAssembler assembler = new FrameAssembler(100);
        frames.accepting = 1;
        byte[] bytes = {(byte) 0xC0, 0, 0x30, 99, 1, 2, 3};
        assembler.read(Unpooled.wrappedBuffer(bytes), allocator, frames);
        frames.accepting = 10;
        assembler.read(Unpooled.EMPTY_BUFFER, allocator, frames);
        assertThat(frames.fault).isEqualTo(FixedHeader.TOO_LARGE);
        assembler.release();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    private static final class Frames implements FrameAssembler.Sink {
        final List<Integer> lengths = new ArrayList<>();
        int accepting = 1_000;
        int fault;

        @Override
        public boolean accepts() {
            return fault == 0 && accepting > 0;
        }

        @Override
        public void frame(ByteBuf in, int length) {
            accepting--;
            lengths.add(length);
            in.skipBytes(length);
        }

        @Override
        public void fault(int newFault) {
            fault = newFault;
        }
    }
}
