// Copyright 2026 the Mortise authors
// SPDX-License-Identifier: Apache-2.0

package io.mortise.kernel.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import io.mortise.spi.broker.AckLevel;
import io.mortise.spi.broker.Partition.AppendCallback;
import io.mortise.spi.broker.Partition.Origin;
import io.mortise.spi.broker.Placement;
import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakDetector;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.management.ManagementFactory;

/** The appending thread makes no garbage: an append allocates only where it begins a chunk. */
final class AppendAllocationTest {
    private static final int APPENDS = 20_000;
    private static final int PER_ROUND = 16;

    private final HandDriven world = new HandDriven().withEngine();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Placement placement = new Placement();

    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();

    /** Who looks for leaks notes each use of a buffer. */
    @BeforeEach
    void lookForNoLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void giveMemoryBack() {
        world.close();
        ResourceLeakDetector.setLevel(level);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAppendAllocatesNothing(boolean acknowledged) {
        PartitionLog log = world.open(0);
        log.onAdvance(world.loop, moved -> {});
        ByteBuf batch = Batches.of("x".repeat(100));
        AppendCallback callback = acknowledged ? refusal -> {} : null;
        append(log, batch, callback); // classes, lanes, arrays
        int perChunk = PartitionOptions.defaults().largestChunkBytes() / batch.readableBytes();
        assertThat(append(log, batch, callback)).isBetween(1, APPENDS / (perChunk - 1) + 1);
    }

    /** Returns how many appends allocated anything. */
    private int append(PartitionLog log, ByteBuf batch, @Nullable AppendCallback callback) {
        int allocating = 0;
        for (int i = 0; i < APPENDS; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            log.append(batch, -1, Origin.CLIENT, AckLevel.DURABLE, world.loop, callback, placement);
            allocating += threads.getCurrentThreadAllocatedBytes() > before ? 1 : 0;
            assertThat(placement.baseOffset()).isEqualTo(log.logEndOffset() - 1);
            if (i % PER_ROUND == 0) {
                world.settle();
            }
        }
        return allocating;
    }

    @Test
    void aRefusalForWantOfRoomAllocatesNothingEither() {
        PartitionLog log = world.open(0);
        ByteBuf batch = Batches.of("x".repeat(100_000));
        do {
            log.append(batch, -1, Origin.CLIENT, AckLevel.DURABLE, world.loop, null, placement);
        } while (placement.refusal() == null);
        long before = threads.getCurrentThreadAllocatedBytes();
        log.append(batch, -1, Origin.CLIENT, AckLevel.DURABLE, world.loop, null, placement);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isZero();
        assertThat(placement.refusal()).isNotNull();
        assertThat(placement.baseOffset()).isEqualTo(-1);
    }
}
